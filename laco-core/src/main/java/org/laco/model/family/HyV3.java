package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Parallel;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Hy 3: as Qwen 3 with experts chosen by a corrected sigmoid, and a shared one beside them. */
final class HyV3 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 120832)
            .put("hidden_size", 4096)
            .put("intermediate_size", 13312)
            .put("num_hidden_layers", 80)
            .put("num_attention_heads", 64)
            .put("num_key_value_heads", 8)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 11_158_840.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .put("moe_intermediate_size", 1536)
            .put("num_experts", 192)
            .put("num_experts_per_tok", 8)
            .put("num_shared_experts", 1)
            .put("router_scaling_factor", 2.826)
            .buildOrThrow();

    @Override
    public String name() {
        return "Hy 3";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("hy_v3");
    }

    @Override
    public String notes() {
        return "Hy 3 of Tencent; layers with experts and dense layers are kept apart, draft layers are carried along";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        Block attention = Qwen3.attention(config, sizes, parts.epsilon(), LayerTypes.FULL);
        Block single = sizes.gated(config, config.flag("mlp_bias", false));
        Block experts = experts(config, sizes);
        ImmutableList<String> types = types(config);
        return parts.builder(i -> {
                    boolean dense = FeedForwardTypes.isDense(types.get(i));
                    return SparseLayers.mark(parts.layer(attention, dense ? single : experts), dense);
                })
                .drafts(DeepSeekParts.drafts(config))
                .build();
    }

    private static Block experts(ModelConfig config, Dimensions sizes) {
        int count = config.integer("num_experts", Range.COUNT);
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        TopExperts choice = TopExperts.sigmoid(config.integer("num_experts_per_tok", Range.between(1, count)))
                .corrected("mlp.expert_bias")
                .renormalised(true)
                .scaled(config.number("router_scaling_factor", Range.MULTIPLIER));
        return Parallel.of(
                sizes.experts("mlp.router.gate", count, choice, inner, activation),
                sizes.gated(
                        "mlp.shared_mlp.",
                        DeepSeekParts.sharedWidth(config, "num_shared_experts", inner),
                        config.flag("mlp_bias", false),
                        activation));
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return FeedForwardTypes.read(config, 1);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return FeedForwardTypes.keep(config, collapsed, plan, HyV3::types);
    }
}
