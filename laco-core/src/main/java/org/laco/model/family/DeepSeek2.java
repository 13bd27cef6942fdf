package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.ExpertGroups;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** DeepSeek-V2: latent attention, and experts chosen by a softmax beside shared ones. */
final class DeepSeek2 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 102400)
            .put("hidden_size", 4096)
            .put("intermediate_size", 11008)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 2048)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .put("first_k_dense_replace", 0)
            .put("kv_lora_rank", 512)
            .put("q_lora_rank", 1536)
            .put("qk_nope_head_dim", 128)
            .put("qk_rope_head_dim", 64)
            .put("v_head_dim", 128)
            .put("n_routed_experts", 64)
            .put("n_shared_experts", 2)
            .put("moe_intermediate_size", 1407)
            .put("routed_scaling_factor", 1.0)
            .put("topk_method", "greedy")
            .buildOrThrow();

    @Override
    public String name() {
        return "DeepSeek-V2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("deepseek_v2");
    }

    @Override
    public String notes() {
        return "V2, V2.5 and their Lite and Coder forms; layers with experts and dense layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = DeepSeekParts.sizes(config);
        boolean biased = config.flag("mlp_bias", false);
        Block attention = DeepSeekParts.attention(config, sizes);
        Block single = sizes.gated(config, biased);
        Block experts = DeepSeekParts.mixture(config, sizes, choice(config), biased);
        int dense = DeepSeekParts.dense(config);
        return DeepSeekParts.builder(config, tensors, sizes, attention, single, experts, i -> i < dense)
                .build();
    }

    /** The shares are never renormalised, whatever {@code norm_topk_prob} says: transformers doesn't read it. */
    private static TopExperts choice(ModelConfig config) {
        DeepSeekParts.expect(config, "scoring_func", "softmax");
        int experts = DeepSeekParts.experts(config);
        boolean grouped = !config.string("topk_method").equals("greedy");
        if (grouped) {
            DeepSeekParts.expect(config, "topk_method", "group_limited_greedy");
        }
        Optional<ExpertGroups> groups = grouped ? DeepSeekParts.groups(config, experts, 1) : Optional.empty();
        TopExperts choice = TopExperts.softmax(DeepSeekParts.chosen(config, experts, groups))
                .scaled(config.number("routed_scaling_factor", Range.MULTIPLIER));
        return groups.map(choice::among).orElse(choice);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return DeepSeekParts.collapse(config, plan);
    }
}
