package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.stream.IntStream;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Bamba: layers of Mamba 2 and of attention, each with a feed-forward block. */
final class Bamba implements Family {
    private static final String ATTENTION = "attn_layer_indices";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 128000)
            .put("hidden_size", 4096)
            .put("intermediate_size", 14336)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 8)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 262144)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .put("mamba_n_heads", 128)
            .put("mamba_n_groups", 1)
            .put("mamba_d_state", 256)
            .put("mamba_d_conv", 4)
            .put("mamba_expand", 2)
            .put("mamba_conv_bias", true)
            .put("mamba_proj_bias", false)
            .put("time_step_limit", Mamba2Config.NO_LIMITS)
            .buildOrThrow();

    @Override
    public String name() {
        return "Bamba";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("bamba");
    }

    @Override
    public String notes() {
        return "layers of Mamba 2 and of attention are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        ImmutableList<String> types = types(config);
        Block mamba = Mamba2Config.expanded(config, sizes.width()).block();
        Block attention = attention(config, sizes);
        Block feedForward = sizes.gated(
                "feed_forward.",
                config.integer("intermediate_size", Range.SIZE),
                config.flag("mlp_bias", false),
                Dimensions.activation(config, "hidden_act"));
        return parts.builder(i -> {
                    Block mixer = types.get(i).equals(LayerTypes.FULL) ? attention : mamba;
                    Layer layer = Layer.of(
                            Residual.of(parts.norm("input_layernorm"), mixer),
                            Residual.of(parts.norm("pre_ff_layernorm"), feedForward));
                    return LayerTypes.markMixer(layer, types.get(i));
                })
                .norm(parts.norm("model.final_layernorm"))
                .build();
    }

    /** Attention half of whose heads is rotated, whatever share the configuration gives outside of its rotary parameters. */
    private static Block attention(ModelConfig config, Dimensions sizes) {
        boolean biased = config.flag("attention_bias", false);
        return sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.of(config.with("partial_rotary_factor", 0.5), "rope_theta")
                        .partial("partial_rotary_factor")
                        .rotary(sizes.headSize()))
                .build();
    }

    /** The type of each layer: attention in those that are listed. */
    private static ImmutableList<String> types(ModelConfig config) {
        ImmutableList<Integer> listed = config.has(ATTENTION) ? config.integers(ATTENTION) : ImmutableList.of();
        return IntStream.range(0, Dimensions.layers(config))
                .mapToObj(i -> listed.contains(i) ? LayerTypes.FULL : LayerTypes.LINEAR)
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return config.has(ATTENTION)
                ? collapsed.with(ATTENTION, LayerKeys.renumber(config.integers(ATTENTION), plan))
                : collapsed;
    }
}
