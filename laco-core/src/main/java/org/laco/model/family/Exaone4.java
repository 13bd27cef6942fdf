package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** EXAONE 4: norms stand after attention and feed-forward; three of four layers attend to a window, and the others have no positions then. */
final class Exaone4 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 102400)
            .put("hidden_size", 4096)
            .put("intermediate_size", 16384)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 2048)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("sliding_window", 4096)
            .put("sliding_window_pattern", 4)
            .buildOrThrow();

    @Override
    public String name() {
        return "EXAONE 4";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("exaone4");
    }

    @Override
    public String notes() {
        return "EXAONE 4.0 32B, whose sliding and full layers are kept apart, and 1.2B";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        ImmutableList<String> types = types(config);
        return parts.decoder(i -> layer(config, parts, types.get(i)));
    }

    private static Layer layer(ModelConfig config, LlamaParts parts, String type) {
        Block feedForward = parts.sizes().gated(config, false);
        return LayerTypes.mark(parts.layerNormedAfter(attention(config, parts, type), feedForward), type);
    }

    /** Attention to a window with positions, or to all without them. */
    static Block attention(ModelConfig config, LlamaParts parts, String type) {
        Dimensions sizes = parts.sizes();
        Attention.Builder attention = LayerTypes.window(sizes.attention(false, "o_proj", false), type, config)
                .queryKeyNorms(
                        parts.norm("self_attn.q_norm", sizes.headSize()),
                        parts.norm("self_attn.k_norm", sizes.headSize()));
        if (type.equals(LayerTypes.SLIDING) || !config.has("sliding_window")) {
            attention.rotary(RotaryConfig.read(config, sizes.headSize()));
        }
        return attention.build();
    }

    /** Released configurations may have a pattern in words, which the list beside it spells out. */
    static ImmutableList<String> types(ModelConfig config) {
        return config.has("sliding_window") && !config.has("layer_types")
                ? LayerTypes.read(config, LayerTypes.allButEach(config, "sliding_window_pattern"))
                : LayerTypes.read(config, i -> false);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, Exaone4::types);
    }
}
