package org.laco.model.family;

import java.util.function.IntFunction;
import org.laco.model.block.Attention;
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

/**
 * What the models of Granite share: Llama's names with multipliers of embeddings, scores, residual branches and logits.
 *
 * @param config the configuration
 * @param parts Llama's parts
 * @param residual the factor of what each branch adds
 */
record GraniteParts(ModelConfig config, LlamaParts parts, double residual) {
    static GraniteParts read(ModelConfig config, TensorSource tensors) {
        return new GraniteParts(
                config, LlamaParts.read(config, tensors), config.number("residual_multiplier", Range.MULTIPLIER));
    }

    Dimensions sizes() {
        return parts.sizes();
    }

    /** Attention without positions. */
    Attention.Builder attention() {
        boolean biased = config.flag("attention_bias", false);
        return sizes().attention(biased, "o_proj", biased)
                .scale(config.number("attention_multiplier", Range.MULTIPLIER));
    }

    /** So many experts in stacks, of which those of the largest scores share a row by the softmax of these. */
    Block experts(int count) {
        return Experts.of(
                Linear.of("block_sparse_moe.router.layer", sizes().width(), count, false),
                TopExperts.softmax(config.integer("num_experts_per_tok", Range.between(1, count)))
                        .renormalised(true),
                StackedExperts.of(
                        "block_sparse_moe.input_linear.weight",
                        "block_sparse_moe.output_linear.weight",
                        count,
                        sizes().width(),
                        config.integer("intermediate_size", Range.SIZE),
                        StackLayout.ROWS,
                        Gate.of(Dimensions.activation(config, "hidden_act"))));
    }

    Layer layer(Block mixer, Block feedForward) {
        return Layer.of(
                Residual.of(parts.norm("input_layernorm"), mixer).scaled(residual),
                Residual.of(parts.norm("post_attention_layernorm"), feedForward).scaled(residual));
    }

    Decoder decoder(IntFunction<Layer> layer) {
        Heads heads = parts.heads();
        return parts.builder(layer)
                .embedding(
                        Embedding.of(heads.embedding()).scaled(config.number("embedding_multiplier", Range.MULTIPLIER)))
                .head(heads.head().scaled(1 / config.number("logits_scaling", Range.MULTIPLIER)))
                .build();
    }
}
