package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** GLM-4.7 Flash: as DeepSeek-V3, with a list of the layers that have experts. */
final class Glm4MoeLite implements Family {
    private static final String FIRST = "first_k_dense_replace";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 154880)
            .put("hidden_size", 2048)
            .put("intermediate_size", 10240)
            .put("moe_intermediate_size", 1536)
            .put("num_hidden_layers", 47)
            .put("num_attention_heads", 20)
            .put("num_key_value_heads", 20)
            .put("n_shared_experts", 1)
            .put("n_routed_experts", 64)
            .put("routed_scaling_factor", 1.8)
            .put("kv_lora_rank", 512)
            .put("q_lora_rank", 768)
            .put("qk_rope_head_dim", 64)
            .put("v_head_dim", 256)
            .put("qk_nope_head_dim", 192)
            .put("n_group", 1)
            .put("topk_group", 1)
            .put("num_experts_per_tok", 4)
            .put("norm_topk_prob", true)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 202752)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("rope_interleave", true)
            .put("attention_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "GLM 4 MoE Lite";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("glm4_moe_lite");
    }

    @Override
    public String notes() {
        return "GLM-4.7 Flash; layers with experts and dense layers are kept apart, draft layers are carried along";
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
        ImmutableList<String> types = types(config);
        return DeepSeekParts.builder(
                        config, tensors, sizes, attention, single, experts, i -> FeedForwardTypes.isDense(types.get(i)))
                .drafts(DeepSeekParts.drafts(config))
                .build();
    }

    /** The type of each layer's feed-forward block; without a list, all but the first have experts. */
    private static ImmutableList<String> types(ModelConfig config) {
        return FeedForwardTypes.read(config, 1);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        ModelConfig kept = FeedForwardTypes.keep(config, collapsed, plan, Glm4MoeLite::types);
        // transformers reads the list alone, other software the number alone.
        return config.has(FIRST) ? kept.with(FIRST, DeepSeekParts.denseLeft(config, plan)) : kept;
    }
}
