package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Qwen 3 with experts: as Qwen 3, and most layers have experts in the place of the feed-forward block. */
final class Qwen3Moe implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 151936)
            .put("hidden_size", 2048)
            .put("intermediate_size", 6144)
            .put("num_hidden_layers", 24)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 4)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 32768)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("use_sliding_window", false)
            .put("sliding_window", 4096)
            .put("decoder_sparse_step", 1)
            .put("moe_intermediate_size", 768)
            .put("num_local_experts", 128)
            .put("num_experts_per_tok", 8)
            .put("norm_topk_prob", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Qwen 3 MoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("qwen3_moe");
    }

    @Override
    public String notes() {
        return "experts and routers merge one by one; layers with experts and dense layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        boolean windowed = config.flag("use_sliding_window", false) && config.has("sliding_window");
        return SparseLayers.decoder(
                config,
                parts,
                Qwen3.attention(config, sizes, parts.epsilon(), windowed ? LayerTypes.SLIDING : LayerTypes.FULL),
                sizes.gated(config, false),
                experts(config, sizes));
    }

    /** Experts, of which those of the largest shares of a softmax are chosen. */
    static Block experts(ModelConfig config, Dimensions sizes) {
        int count = SparseLayers.experts(config);
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        return sizes.experts(
                "mlp.gate",
                count,
                TopExperts.softmax(config.integer("num_experts_per_tok", Range.between(1, count)))
                        .renormalised(config.flag("norm_topk_prob", false)),
                inner,
                activation);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return SparseLayers.keep(config, LayerKeys.named("num_hidden_layers").collapse(config, plan), plan);
    }
}
