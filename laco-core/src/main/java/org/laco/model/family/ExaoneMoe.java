package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Parallel;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** K-EXAONE: EXAONE 4's attention after a norm, and experts as in DeepSeek-V3. */
final class ExaoneMoe implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 102400)
            .put("hidden_size", 4096)
            .put("intermediate_size", 16384)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 2048)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("sliding_window", 4096)
            .put("sliding_window_pattern", 4)
            .put("moe_intermediate_size", 1024)
            .put("num_experts", 64)
            .put("num_experts_per_tok", 8)
            .put("num_shared_experts", 1)
            .put("norm_topk_prob", true)
            .put("routed_scaling_factor", 2.5)
            .put("n_group", 1)
            .put("topk_group", 1)
            .put("first_k_dense_replace", 1)
            .buildOrThrow();

    @Override
    public String name() {
        return "K-EXAONE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("exaone_moe");
    }

    @Override
    public String notes() {
        return "K-EXAONE 236B-A23B; layers with experts and dense layers are kept apart, and full and sliding ones";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Block single = parts.sizes().gated(config, false);
        Block experts = experts(config, parts.sizes());
        ImmutableList<String> attention = Exaone4.types(config);
        ImmutableList<String> feedForward = feedForward(config);
        return parts.decoder(i -> {
            boolean dense = FeedForwardTypes.isDense(feedForward.get(i));
            Layer layer = parts.layer(Exaone4.attention(config, parts, attention.get(i)), dense ? single : experts);
            return LayerTypes.mark(SparseLayers.mark(layer, dense), attention.get(i));
        });
    }

    private static Block experts(ModelConfig config, Dimensions sizes) {
        int count = config.integer("num_experts", Range.COUNT);
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        return Parallel.of(
                sizes.experts(
                        "mlp.gate",
                        count,
                        DeepSeekParts.correctedChoice(config, count, "mlp.e_score_correction_bias"),
                        inner,
                        activation),
                sizes.gated(
                        "mlp.shared_experts.",
                        DeepSeekParts.sharedWidth(config, "num_shared_experts", inner),
                        false,
                        activation));
    }

    private static ImmutableList<String> feedForward(ModelConfig config) {
        return FeedForwardTypes.read(config, DeepSeekParts.dense(config));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        ModelConfig kept = FeedForwardTypes.keep(config, collapsed, plan, ExaoneMoe::feedForward);
        return LayerTypes.keep(config, kept, plan, Exaone4::types);
    }
}
