package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.DeltaRuleSpec;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.DeltaProjection;
import org.laco.model.block.FusedDeltaProjection;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Qwen 3 Next: as Qwen 3.5 with experts, where the maps of the gated delta net are fused by key head and some layers may be dense. */
final class Qwen3Next implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 151936)
            .put("hidden_size", 2048)
            .put("intermediate_size", 5632)
            .put("num_hidden_layers", 48)
            .put("num_attention_heads", 16)
            .put("num_key_value_heads", 2)
            .put("head_dim", 256)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 32768)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("partial_rotary_factor", 0.25)
            .put("attention_bias", false)
            .put("full_attention_interval", 4)
            .put("linear_conv_kernel_dim", 4)
            .put("linear_key_head_dim", 128)
            .put("linear_value_head_dim", 128)
            .put("linear_num_key_heads", 16)
            .put("linear_num_value_heads", 32)
            .put("decoder_sparse_step", 1)
            .put("moe_intermediate_size", 512)
            .put("shared_expert_intermediate_size", 512)
            .put("num_experts_per_tok", 10)
            .put("num_experts", 512)
            .put("norm_topk_prob", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "Qwen 3 Next";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("qwen3_next");
    }

    @Override
    public String notes() {
        return "Qwen 3 Coder Next too; linear and full layers, and layers with experts and dense ones, are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        QwenHybrid parts = QwenHybrid.read(config);
        ImmutableList<String> types = QwenHybrid.types(config);
        ImmutableList<Boolean> dense = SparseLayers.dense(config);
        Block single = parts.sizes().gated(config, false);
        Block experts = parts.experts(tensors, config.flag("norm_topk_prob", true));
        return parts.decoder(tensors)
                .layers(
                        "model.layers.",
                        types.size(),
                        i -> SparseLayers.mark(
                                parts.layer(types.get(i), projection(parts), dense.get(i) ? single : experts),
                                dense.get(i)))
                .build();
    }

    /** Queries, keys, values and gates by one map, strengths and decays by another. */
    private static DeltaProjection projection(QwenHybrid parts) {
        DeltaRuleSpec delta = parts.delta();
        return new FusedDeltaProjection(
                parts.input("in_proj_qkvz", delta.mixedWidth() + delta.valueWidth()),
                parts.input("in_proj_ba", 2 * delta.valueHeads()),
                delta);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return SparseLayers.keep(config, QwenHybrid.collapse(config, plan), plan);
    }
}
