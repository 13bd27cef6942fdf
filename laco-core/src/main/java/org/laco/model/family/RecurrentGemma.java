package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.stream.IntStream;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.CausalConvolution;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.GriffinRecurrence;
import org.laco.model.block.HeadMaps;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.SeparateProjection;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** RecurrentGemma: Griffin's recurrent blocks and attention to a window in turn, with Gemma's norms. */
final class RecurrentGemma implements Family {
    private static final String MIXER = "temporal_block";
    private static final String TYPES = "block_types";
    private static final String RECURRENT = "recurrent";
    private static final String ATTENTION = "attention";

    /** The configuration counts the gate and what it gates together. */
    private static final Range INNER = Range.between(2, Range.SIZE.most());

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 256000)
            .put("hidden_size", 2560)
            .put("intermediate_size", 7680)
            .put("num_hidden_layers", 26)
            .put("num_attention_heads", 10)
            .put("attention_window_size", 2048)
            .put("conv1d_width", 4)
            .put("logits_soft_cap", 30.0)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", true)
            .put("hidden_activation", "gelu_pytorch_tanh")
            .put("rope_theta", 10_000.0)
            .put("partial_rotary_factor", 0.5)
            .put("attention_bias", false)
            .put("block_types", ImmutableList.of(RECURRENT, RECURRENT, ATTENTION))
            .buildOrThrow();

    @Override
    public String name() {
        return "RecurrentGemma";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("recurrent_gemma");
    }

    @Override
    public String notes() {
        return "recurrent layers and those with attention are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        GemmaParts parts = GemmaParts.read(config);
        Dimensions sizes = parts.sizes();
        Heads heads = Heads.read(config, tensors);
        ImmutableList<String> types = types(config);
        Activation activation = Dimensions.activation(config, "hidden_activation");
        Block attention = attention(config, sizes);
        Block recurrence = recurrence(config, sizes, activation);
        Block feedForward = sizes.gated("mlp_block.", config.integer("intermediate_size", INNER) / 2, true, activation);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()).scaled(scale(sizes.width())))
                .layers("model.layers.", sizes.layers(), i -> {
                    Block mixer = types.get(i).equals(ATTENTION) ? attention : recurrence;
                    Layer layer = Layer.of(
                            Residual.of(parts.norm("temporal_pre_norm"), mixer),
                            Residual.of(parts.norm("channel_pre_norm"), feedForward));
                    return LayerTypes.markMixer(layer, types.get(i));
                })
                .norm(parts.norm("model.final_norm"))
                .head(heads.head().capped(config.number("logits_soft_cap", Range.MULTIPLIER)))
                .build();
    }

    /** The root of the hidden width, rounded to bfloat16 as transformers keeps it. */
    private static double scale(int width) {
        int bits = Float.floatToIntBits((float) Math.sqrt(width));
        return Float.intBitsToFloat((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000);
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        boolean biased = config.flag("attention_bias", false);
        return sizes.attention(
                        new SeparateProjection(
                                Linear.of(MIXER + ".q_proj", sizes.width(), sizes.queries(), biased),
                                Linear.of(MIXER + ".k_proj", sizes.width(), sizes.keys(), biased),
                                Linear.of(MIXER + ".v_proj", sizes.width(), sizes.keys(), biased)),
                        Linear.of(MIXER + ".o_proj", sizes.queries(), sizes.width(), true))
                .window(config.integer("attention_window_size", Range.POSITIONS))
                .rotary(RotaryConfig.of(config, "rope_theta")
                        .partial("partial_rotary_factor")
                        .rotary(sizes.headSize()))
                .build();
    }

    private static Block recurrence(ModelConfig config, Dimensions sizes, Activation activation) {
        int channels = config.integer("lru_width", Range.SIZE, sizes.width());
        checkArgument(
                channels % sizes.heads() == 0,
                "config.json: lru_width %s is not a multiple of num_attention_heads %s",
                channels,
                sizes.heads());
        int size = channels / sizes.heads();
        return new GriffinRecurrence(
                Linear.of(MIXER + ".linear_x", sizes.width(), channels, true),
                Linear.of(MIXER + ".linear_y", sizes.width(), channels, true),
                activation,
                new CausalConvolution(MIXER + ".conv_1d", channels, config.integer("conv1d_width", Range.COUNT), true),
                HeadMaps.of(MIXER + ".rg_lru.input_gate", sizes.heads(), size),
                HeadMaps.of(MIXER + ".rg_lru.recurrent_gate", sizes.heads(), size),
                MIXER + ".rg_lru.recurrent_param",
                Linear.of(MIXER + ".linear_out", channels, sizes.width(), true));
    }

    /** The type of each layer: those that are listed, over and over. */
    private static ImmutableList<String> types(ModelConfig config) {
        ImmutableList<String> listed = config.strings(TYPES);
        checkArgument(
                !listed.isEmpty() && listed.stream().allMatch(type -> type.equals(RECURRENT) || type.equals(ATTENTION)),
                "config.json: %s is %s, expected a list of %s and %s",
                TYPES,
                listed,
                RECURRENT,
                ATTENTION);
        return IntStream.range(0, Dimensions.layers(config))
                .mapToObj(i -> listed.get(i % listed.size()))
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerKeys.keep(TYPES, config, collapsed, plan, RecurrentGemma::types);
    }
}
