package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** GLM-4.5 to 4.7: experts as in DeepSeek-V3 beside attention with partly rotary heads. */
final class Glm4Moe implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 151552)
            .put("hidden_size", 4096)
            .put("intermediate_size", 10944)
            .put("num_hidden_layers", 46)
            .put("num_attention_heads", 96)
            .put("num_key_value_heads", 8)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("partial_rotary_factor", 0.5)
            .put("attention_bias", false)
            .put("moe_intermediate_size", 1408)
            .put("num_experts_per_tok", 8)
            .put("n_shared_experts", 1)
            .put("n_routed_experts", 128)
            .put("routed_scaling_factor", 1.0)
            .put("n_group", 1)
            .put("topk_group", 1)
            .put("first_k_dense_replace", 1)
            .put("norm_topk_prob", true)
            .put("use_qk_norm", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "GLM 4 MoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("glm4_moe");
    }

    @Override
    public String notes() {
        return "GLM-4.5, 4.6 and 4.7; layers with experts and dense layers are kept apart, draft layers are carried along";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        Block attention = attention(config, sizes, epsilon);
        Block single = sizes.gated(config, false);
        Block experts = DeepSeekParts.correctedMixture(config, sizes);
        int dense = DeepSeekParts.dense(config);
        return DeepSeekParts.builder(config, tensors, sizes, attention, single, experts, i -> i < dense)
                .drafts(DeepSeekParts.drafts(config))
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes, double epsilon) {
        boolean biased = config.flag("attention_bias", false);
        Attention.Builder attention = sizes.attention(biased, "o_proj", false)
                .rotary(RotaryConfig.of(config, "rope_theta")
                        .partial("partial_rotary_factor")
                        .rotary(sizes.headSize()));
        if (config.flag("use_qk_norm", false)) {
            attention.queryKeyNorms(
                    RmsNorm.of("self_attn.q_norm", sizes.headSize(), epsilon),
                    RmsNorm.of("self_attn.k_norm", sizes.headSize(), epsilon));
        }
        return attention.build();
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return DeepSeekParts.collapse(config, plan);
    }
}
