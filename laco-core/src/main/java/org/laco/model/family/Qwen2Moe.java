package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Experts;
import org.laco.model.block.Linear;
import org.laco.model.block.Parallel;
import org.laco.model.block.SeparateExperts;
import org.laco.model.block.SharedExpert;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Qwen 2 with experts: as Qwen 2, most layers have experts beside a shared one that has a gate. */
final class Qwen2Moe implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 151936)
            .put("hidden_size", 2048)
            .put("intermediate_size", 5632)
            .put("num_hidden_layers", 24)
            .put("num_attention_heads", 16)
            .put("num_key_value_heads", 16)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 32768)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("qkv_bias", true)
            .put("use_sliding_window", false)
            .put("decoder_sparse_step", 1)
            .put("moe_intermediate_size", 1408)
            .put("shared_expert_intermediate_size", 5632)
            .put("num_experts", 60)
            .put("num_experts_per_tok", 4)
            .put("norm_topk_prob", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Qwen 2 MoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("qwen2_moe");
    }

    @Override
    public String notes() {
        return "Qwen 1.5 and 2 with experts, without a window; layers with experts and dense layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.flag("use_sliding_window", false),
                "config.json: use_sliding_window true is not supported for qwen2_moe, expected false");
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        Block attention = sizes.attention(config.flag("qkv_bias", false), "o_proj", false)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        return SparseLayers.decoder(config, parts, attention, sizes.gated(config, false), experts(config, sizes));
    }

    private static Block experts(ModelConfig config, Dimensions sizes) {
        int count = config.integer("num_experts", Range.COUNT);
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        int shared = config.integer("shared_expert_intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        return Parallel.of(
                Experts.of(
                        Linear.of("mlp.gate", sizes.width(), count, false),
                        TopExperts.softmax(config.integer("num_experts_per_tok", Range.between(1, count)))
                                .renormalised(config.flag("norm_topk_prob", false)),
                        SeparateExperts.of(
                                count, i -> sizes.gated("mlp.experts." + i + ".", inner, false, activation))),
                new SharedExpert(
                        Linear.of("mlp.shared_expert_gate", sizes.width(), 1, false),
                        sizes.gated("mlp.shared_expert.", shared, false, activation)));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return SparseLayers.keep(config, LayerKeys.named("num_hidden_layers").collapse(config, plan), plan);
    }
}
