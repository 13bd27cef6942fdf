package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** DeepSeek-V3 and R1, Kimi K2, Moonlight: as DeepSeek-V2 with experts chosen by a corrected sigmoid. */
final class DeepSeek3 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 129280)
            .put("hidden_size", 7168)
            .put("intermediate_size", 18432)
            .put("moe_intermediate_size", 2048)
            .put("num_hidden_layers", 61)
            .put("num_attention_heads", 128)
            .put("num_key_value_heads", 128)
            .put("n_shared_experts", 1)
            .put("n_routed_experts", 256)
            .put("routed_scaling_factor", 2.5)
            .put("kv_lora_rank", 512)
            .put("q_lora_rank", 1536)
            .put("qk_rope_head_dim", 64)
            .put("v_head_dim", 128)
            .put("qk_nope_head_dim", 128)
            .put("n_group", 8)
            .put("topk_group", 4)
            .put("num_experts_per_tok", 8)
            .put("first_k_dense_replace", 3)
            .put("norm_topk_prob", true)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 4096)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("rope_interleave", true)
            .put("attention_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "DeepSeek-V3";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("deepseek_v3", "kimi_k2");
    }

    @Override
    public String notes() {
        return "V3, V3.1, R1, Kimi K2, Moonlight; layers with experts and dense layers are kept apart, draft layers are carried along";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = DeepSeekParts.sizes(config);
        Block attention = DeepSeekParts.attention(config, sizes);
        Block single = sizes.gated(config, false);
        Block experts = DeepSeekParts.correctedMixture(config, sizes);
        int dense = DeepSeekParts.dense(config);
        return DeepSeekParts.builder(config, tensors, sizes, attention, single, experts, i -> i < dense)
                .drafts(DeepSeekParts.drafts(config))
                .build();
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return DeepSeekParts.collapse(config, plan);
    }
}
