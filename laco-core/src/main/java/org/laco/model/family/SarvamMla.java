package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Sarvam 105B: DeepSeek-V3 by other names of a few keys. */
final class SarvamMla implements Family {
    private static final String SCALING = "rope_scaling";

    private final Family base = new DeepSeek3();

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 262144)
            .put("hidden_size", 4096)
            .put("intermediate_size", 16384)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 64)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 4096)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("rope_interleave", true)
            .put("kv_lora_rank", 512)
            .put("qk_nope_head_dim", 128)
            .put("qk_rope_head_dim", 64)
            .put("v_head_dim", 128)
            .put("moe_intermediate_size", 2048)
            .put("n_shared_experts", 1)
            .put("n_routed_experts", 128)
            .put("routed_scaling_factor", 2.5)
            .put("n_group", 1)
            .put("topk_group", 1)
            .put("num_experts_per_tok", 8)
            .put("norm_topk_prob", true)
            .put("first_k_dense_replace", 1)
            .buildOrThrow();

    @Override
    public String name() {
        return "Sarvam 105B";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("sarvam_mla");
    }

    @Override
    public String notes() {
        return "Sarvam 105B; layers with experts and dense layers are kept apart, draft layers are carried along";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of("num_experts", "n_routed_experts", "num_shared_experts", "n_shared_experts");
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        return base.define(scaledAsUsual(config), tensors);
    }

    /** Released configurations have a name of their own for YaRN. */
    private static ModelConfig scaledAsUsual(ModelConfig config) {
        if (!config.has(SCALING)) {
            return config;
        }
        ModelConfig scaling = config.object(SCALING);
        String type = scaling.string("rope_type", scaling.string("type", ""));
        return type.equals("deepseek_yarn")
                ? config.with(SCALING, scaling.with("rope_type", "yarn").values())
                : config;
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return base.collapse(config, plan);
    }
}
