package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Rotary;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Granite with attention to sinks, of which three of four layers see a window, and a rotary base of each layer. */
final class GraniteSliding implements Family {
    private static final String BASES = LayerKeys.ROTARY_BASES;

    private static final GraniteParts.ExpertNames EXPERTS = new GraniteParts.ExpertNames(
            "block_sparse_moe.router", "block_sparse_moe.experts.gate_up_proj", "block_sparse_moe.experts.down_proj");

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 100352)
            .put("hidden_size", 2560)
            .put("intermediate_size", 8192)
            .put("num_hidden_layers", 24)
            .put("num_attention_heads", 20)
            .put("num_key_value_heads", 4)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 8192)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 10_000.0)
            .put("mlp_bias", false)
            .put("attention_bias", false)
            .put("embedding_multiplier", 1.0)
            .put("logits_scaling", 1.0)
            .put("residual_multiplier", 1.0)
            .put("attention_multiplier", 1.0)
            .put("sliding_window", 128)
            .buildOrThrow();

    /** Those of the models with experts. */
    private static final ImmutableMap<String, Object> MIXTURE_DEFAULTS = GraniteParts.mixtureDefaults()
            .put("shared_intermediate_size", 0)
            .put("sliding_window", 128)
            .buildOrThrow();

    private final boolean mixture;

    GraniteSliding() {
        this(false);
    }

    private GraniteSliding(boolean mixture) {
        this.mixture = mixture;
    }

    /** The models with experts in the place of the feed-forward block. */
    static Family withExperts() {
        return new FamilyVariant(
                new GraniteSliding(true),
                "Granite MoE (sliding)",
                ImmutableSet.of("granitemoe_swa"),
                "Granite Swash with experts; sliding and full layers are kept apart",
                MIXTURE_DEFAULTS);
    }

    @Override
    public String name() {
        return "Granite (sliding)";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("granite_swa");
    }

    @Override
    public String notes() {
        return "Granite Swash; sliding and full layers are kept apart, and those of another rotary base";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        GraniteParts parts = GraniteParts.read(config, tensors);
        Block feedForward =
                mixture ? parts.sharedExperts(EXPERTS) : parts.sizes().gated(config, config.flag("mlp_bias", false));
        ImmutableList<String> types = types(config);
        ImmutableList<Double> bases = bases(config);
        return parts.decoder(i -> {
            Layer layer = parts.layer(attention(config, parts, types.get(i), bases.get(i)), feedForward);
            return LayerTypes.mark(layer, types.get(i))
                    .with("rotary base", bases.get(i) == 0 ? "none" : String.valueOf(bases.get(i)));
        });
    }

    private static Block attention(ModelConfig config, GraniteParts parts, String type, double base) {
        Attention.Builder attention =
                LayerTypes.window(parts.attention(), type, config).sinks("self_attn.sinks");
        // Read in any case: numbers that make no sense are a sign of a broken file.
        Rotary rotary = RotaryConfig.read(config, parts.sizes().headSize());
        if (base == 0) {
            return attention.build();
        }
        ModelConfig parameters = RotaryConfig.parameters(config).with("rope_theta", base);
        boolean own = base != rotary.theta();
        return attention
                .rotary(
                        own
                                ? RotaryConfig.of(config, parameters, "rope_theta")
                                        .rotary(parts.sizes().headSize())
                                : rotary)
                .build();
    }

    /** The rotary base of each layer, 0 for no rotation; without a list, that of all layers. */
    private static ImmutableList<Double> bases(ModelConfig config) {
        int layers = Dimensions.layers(config);
        if (!(config.values().get(BASES) instanceof List<?> listed)) {
            double base = RotaryConfig.read(config, Dimensions.read(config).headSize())
                    .theta();
            return ImmutableList.copyOf(Collections.nCopies(layers, base));
        }
        checkArgument(
                listed.size() == layers,
                "config.json: %s has %s entries, expected one for each of the %s layers",
                BASES,
                listed.size(),
                layers);
        return IntStream.range(0, layers)
                .mapToObj(i -> base(BASES + "[" + i + "]", listed.get(i)))
                .collect(ImmutableList.toImmutableList());
    }

    private static double base(String key, Object value) {
        return value == null
                ? 0
                : ModelConfig.of(Collections.singletonMap(key, value)).number(key, Range.atLeast(0));
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return LayerTypes.read(config, i -> i % 4 != 0);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, GraniteSliding::types);
    }
}
