package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.DeltaRuleSpec;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.DeltaProjection;
import org.laco.model.block.SeparateDeltaProjection;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Qwen 3.5, 3.6 and 3.8, dense: three layers of a gated delta net to one of gated attention. */
final class Qwen35 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 248320)
            .put("hidden_size", 4096)
            .put("intermediate_size", 12288)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 16)
            .put("num_key_value_heads", 4)
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
            .buildOrThrow();

    @Override
    public String name() {
        return "Qwen 3.5";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("qwen3_5_text");
    }

    @Override
    public String notes() {
        return "the dense models, 3.6 and 3.8 too; linear and full layers are kept apart; draft layers (mtp) are carried along";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        QwenHybrid parts = QwenHybrid.read(config);
        ImmutableList<String> types = QwenHybrid.types(config);
        Block feedForward = parts.sizes().gated(config, false);
        return parts.decoder(tensors)
                .layers("model.layers.", types.size(), i -> parts.layer(types.get(i), projection(parts), feedForward))
                .build();
    }

    /** Queries, keys and values by one map, and one each for gates, strengths and decays. */
    static DeltaProjection projection(QwenHybrid parts) {
        DeltaRuleSpec delta = parts.delta();
        return new SeparateDeltaProjection(
                parts.input("in_proj_qkv", delta.mixedWidth()),
                parts.input("in_proj_z", delta.valueWidth()),
                parts.input("in_proj_b", delta.valueHeads()),
                parts.input("in_proj_a", delta.valueHeads()));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return QwenHybrid.collapse(config, plan);
    }
}
