package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Rotary;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Mellum 2: as Qwen 3 with experts, layers that attend to a window, and positions of each type of layers. */
final class Mellum implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 98304)
            .put("hidden_size", 2304)
            .put("intermediate_size", 7168)
            .put("num_hidden_layers", 28)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 4)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("attention_bias", false)
            .put("sliding_window", 1024)
            .put("moe_intermediate_size", 896)
            .put("num_local_experts", 64)
            .put("num_experts_per_tok", 8)
            .put("norm_topk_prob", true)
            .put(
                    "rope_parameters",
                    ImmutableMap.of(
                            LayerTypes.FULL,
                            ImmutableMap.of("rope_type", "default", "rope_theta", 500_000.0),
                            LayerTypes.SLIDING,
                            ImmutableMap.of("rope_type", "default", "rope_theta", 10_000.0)))
            .buildOrThrow();

    @Override
    public String name() {
        return "Mellum 2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("mellum");
    }

    @Override
    public String notes() {
        return "Mellum 2 12B-A2.5B; layers with experts and dense layers are kept apart, and full and sliding ones";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        Block single = sizes.gated(config, false);
        Block experts = Qwen3Moe.experts(config, sizes);
        ImmutableList<String> attention = attention(config);
        ImmutableList<String> feedForward = feedForward(config);
        return parts.decoder(i -> {
            boolean dense = FeedForwardTypes.isDense(feedForward.get(i));
            Layer layer = parts.layer(attention(config, parts, attention.get(i)), dense ? single : experts);
            return LayerTypes.mark(SparseLayers.mark(layer, dense), attention.get(i));
        });
    }

    private static Block attention(ModelConfig config, LlamaParts parts, String type) {
        Rotary rotary = RotaryConfig.of(config, RotaryConfig.ofType(config, type), "rope_theta")
                .rotary(parts.sizes().headSize());
        return Qwen3.attention(config, parts.sizes(), parts.epsilon(), type, rotary);
    }

    private static ImmutableList<String> attention(ModelConfig config) {
        return LayerTypes.read(config, i -> false);
    }

    private static ImmutableList<String> feedForward(ModelConfig config) {
        return FeedForwardTypes.read(config, 0);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        ModelConfig kept = FeedForwardTypes.keep(config, collapsed, plan, Mellum::feedForward);
        return LayerTypes.keep(config, kept, plan, Mellum::attention);
    }
}
