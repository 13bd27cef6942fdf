package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Linear;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Sarvam 30B: GLM 4.5 by other names, with one map for queries, keys and values. */
final class SarvamMoe implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 262144)
            .put("hidden_size", 4096)
            .put("intermediate_size", 8192)
            .put("num_hidden_layers", 19)
            .put("num_attention_heads", 64)
            .put("num_key_value_heads", 4)
            .put("head_dim", 64)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 8_000_000.0)
            .put("attention_bias", false)
            .put("partial_rotary_factor", 1.0)
            .put("moe_intermediate_size", 1024)
            .put("num_experts_per_tok", 6)
            .put("n_shared_experts", 1)
            .put("n_routed_experts", 128)
            .put("routed_scaling_factor", 2.5)
            .put("n_group", 1)
            .put("topk_group", 1)
            .put("first_k_dense_replace", 1)
            .put("norm_topk_prob", true)
            .put("use_qk_norm", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "Sarvam 30B";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("sarvam_moe");
    }

    @Override
    public String notes() {
        return "Sarvam 30B; layers with experts and dense layers are kept apart, draft layers are carried along";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of(
                "num_experts", "n_routed_experts",
                "num_shared_experts", "n_shared_experts",
                "use_qkv_bias", "attention_bias");
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = new LlamaParts(
                Dimensions.read(config),
                config.number("rms_norm_eps", Range.EPSILON),
                Heads.read(config, tensors, "model.word_embeddings.weight", Heads.HEAD));
        Block attention = attention(config, parts);
        Block single = parts.sizes().gated(config, false);
        Block experts = DeepSeekParts.correctedMixture(config, parts.sizes(), "mlp.gate.expert_bias");
        int dense = DeepSeekParts.dense(config);
        return parts.builder(i -> SparseLayers.mark(parts.layer(attention, i < dense ? single : experts), i < dense))
                .drafts(DeepSeekParts.drafts(config))
                .build();
    }

    private static Block attention(ModelConfig config, LlamaParts parts) {
        Dimensions sizes = parts.sizes();
        Linear fused = Linear.of(
                "attention.query_key_value",
                sizes.width(),
                sizes.queries() + 2 * sizes.keys(),
                config.flag("attention_bias", false));
        Attention.Builder attention = sizes.attention(
                        FusedProjection.inOneGroup(fused, sizes.queries(), sizes.keys()),
                        Linear.of("attention.dense", sizes.queries(), sizes.width(), false))
                .rotary(RotaryConfig.of(config, "rope_theta")
                        .partial("partial_rotary_factor")
                        .rotary(sizes.headSize()));
        return config.flag("use_qk_norm", true)
                ? attention
                        .queryKeyNorms(
                                parts.norm("attention.query_layernorm", sizes.headSize()),
                                parts.norm("attention.key_layernorm", sizes.headSize()))
                        .build()
                : attention.build();
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return DeepSeekParts.collapse(config, plan);
    }
}
