package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.Sequence;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** A.X K1: as DeepSeek-V3 with a norm of what experts give. */
final class AxK1 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 163840)
            .put("hidden_size", 7168)
            .put("intermediate_size", 18432)
            .put("num_hidden_layers", 61)
            .put("num_attention_heads", 64)
            .put("num_key_value_heads", 64)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 32768)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("rope_interleave", true)
            .put("kv_lora_rank", 512)
            .put("q_lora_rank", 1536)
            .put("qk_nope_head_dim", 128)
            .put("qk_rope_head_dim", 64)
            .put("v_head_dim", 128)
            .put("moe_intermediate_size", 2048)
            .put("n_shared_experts", 1)
            .put("n_routed_experts", 192)
            .put("routed_scaling_factor", 2.5)
            .put("n_group", 8)
            .put("topk_group", 4)
            .put("num_experts_per_tok", 8)
            .put("norm_topk_prob", true)
            .put("first_k_dense_replace", 1)
            .buildOrThrow();

    @Override
    public String name() {
        return "A.X K1";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("axk1");
    }

    @Override
    public String notes() {
        return "A.X K1; layers with experts and dense layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = DeepSeekParts.sizes(config);
        Block experts = Sequence.of(
                DeepSeekParts.correctedMixture(config, sizes),
                RmsNorm.of("post_mlp_layernorm", sizes.width(), config.number("rms_norm_eps", Range.EPSILON)));
        ImmutableList<String> types = types(config);
        return DeepSeekParts.builder(
                        config,
                        tensors,
                        sizes,
                        DeepSeekParts.attention(config, sizes),
                        sizes.gated(config, false),
                        experts,
                        i -> FeedForwardTypes.isDense(types.get(i)))
                .build();
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return FeedForwardTypes.read(config, DeepSeekParts.dense(config));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return FeedForwardTypes.keep(config, collapsed, plan, AxK1::types);
    }
}
