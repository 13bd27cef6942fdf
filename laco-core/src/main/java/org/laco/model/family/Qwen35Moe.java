package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Qwen 3.5 and 3.6 with experts: as the dense models, with experts in the place of the feed-forward block. */
final class Qwen35Moe implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 248320)
            .put("hidden_size", 2048)
            .put("num_hidden_layers", 40)
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
            .put("moe_intermediate_size", 512)
            .put("shared_expert_intermediate_size", 512)
            .put("num_experts_per_tok", 8)
            .put("num_experts", 256)
            .buildOrThrow();

    @Override
    public String name() {
        return "Qwen 3.5 MoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("qwen3_5_moe_text");
    }

    @Override
    public String notes() {
        return "3.6 too, experts stored each by itself or in stacks; linear and full layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        QwenHybrid parts = QwenHybrid.read(config);
        ImmutableList<String> types = QwenHybrid.types(config);
        Block experts = parts.experts(tensors, true);
        return parts.decoder(tensors)
                .layers(
                        "model.layers.",
                        types.size(),
                        i -> parts.layer(types.get(i), Qwen35.projection(parts), experts))
                .build();
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return QwenHybrid.collapse(config, plan);
    }
}
