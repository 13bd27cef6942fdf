package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Experts;
import org.laco.model.block.Gate;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.StackLayout;
import org.laco.model.block.StackedExperts;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Granite 3 with experts: as Granite, with experts in stacks in the place of the feed-forward block. */
final class GraniteMoe implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 32000)
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
            .put("embedding_multiplier", 1.0)
            .put("logits_scaling", 1.0)
            .put("residual_multiplier", 1.0)
            .put("attention_multiplier", 1.0)
            .put("num_local_experts", 8)
            .put("num_experts_per_tok", 2)
            .buildOrThrow();

    @Override
    public String name() {
        return "Granite MoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("granitemoe");
    }

    @Override
    public String notes() {
        return "the models of Granite 3 with experts, 1B and 3B";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        double residual = config.number("residual_multiplier", Range.MULTIPLIER);
        boolean biased = config.flag("attention_bias", false);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .scale(config.number("attention_multiplier", Range.MULTIPLIER))
                .build();
        Layer layer = Layer.of(
                Residual.of(parts.norm("input_layernorm"), attention).scaled(residual),
                Residual.of(parts.norm("post_attention_layernorm"), experts(config, sizes.width()))
                        .scaled(residual));
        Heads heads = parts.heads();
        return parts.builder(i -> layer)
                .embedding(
                        Embedding.of(heads.embedding()).scaled(config.number("embedding_multiplier", Range.MULTIPLIER)))
                .head(heads.head().scaled(1 / config.number("logits_scaling", Range.MULTIPLIER)))
                .build();
    }

    private static Block experts(ModelConfig config, int width) {
        int count = config.integer("num_local_experts", Range.COUNT);
        return Experts.of(
                Linear.of("block_sparse_moe.router.layer", width, count, false),
                TopExperts.softmax(config.integer("num_experts_per_tok", Range.between(1, count)))
                        .renormalised(true),
                StackedExperts.of(
                        "block_sparse_moe.input_linear.weight",
                        "block_sparse_moe.output_linear.weight",
                        count,
                        width,
                        config.integer("intermediate_size", Range.SIZE),
                        StackLayout.ROWS,
                        Gate.of(Dimensions.activation(config, "hidden_act"))));
    }
}
