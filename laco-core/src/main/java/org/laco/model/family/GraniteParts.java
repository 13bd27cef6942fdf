package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import java.util.function.IntFunction;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Experts;
import org.laco.model.block.FusedGatedFeedForward;
import org.laco.model.block.Gate;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Parallel;
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
    /** What transformers takes for keys that a configuration of any of them hasn't; a type adds its own. */
    static ImmutableMap.Builder<String, Object> defaults() {
        return ImmutableMap.<String, Object>builder()
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
                .put("attention_multiplier", 1.0);
    }

    /** Those of the models with experts. */
    static ImmutableMap.Builder<String, Object> mixtureDefaults() {
        return defaults().put("num_local_experts", 8).put("num_experts_per_tok", 2);
    }

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
                .scale(config.number("attention_multiplier", Range.MULTIPLIER, 1 / Math.sqrt(sizes().headSize())));
    }

    /**
     * The names of the tensors of experts.
     *
     * @param router the router, without {@code .weight}
     * @param gateUp the stack of gate and up maps
     * @param down the stack of maps back
     */
    record ExpertNames(String router, String gateUp, String down) {
        /** Those of Granite 3 and 4. */
        static ExpertNames usual() {
            return new ExpertNames(
                    "block_sparse_moe.router.layer",
                    "block_sparse_moe.input_linear.weight",
                    "block_sparse_moe.output_linear.weight");
        }
    }

    /** Experts in stacks, of which those of the largest scores share a row by the softmax of these. */
    Block experts() {
        return experts(ExpertNames.usual());
    }

    private Block experts(ExpertNames names) {
        return experts(names, config.integer("num_local_experts", Range.COUNT));
    }

    private Block experts(ExpertNames names, int count) {
        return Experts.of(
                Linear.of(names.router(), sizes().width(), count, false),
                TopExperts.softmax(config.integer("num_experts_per_tok", Range.between(1, count)))
                        .renormalised(true),
                StackedExperts.of(
                        names.gateUp(),
                        names.down(),
                        count,
                        sizes().width(),
                        config.integer("intermediate_size", Range.SIZE),
                        StackLayout.ROWS,
                        Gate.of(Dimensions.activation(config, "hidden_act"))));
    }

    /** A feed-forward block whose gate and up maps are one, which every row goes through. */
    private Block shared(int inner) {
        return new FusedGatedFeedForward(
                Linear.of("shared_mlp.input_linear", sizes().width(), 2 * inner, false),
                Linear.of("shared_mlp.output_linear", inner, sizes().width(), false),
                Dimensions.activation(config, "hidden_act"));
    }

    /** Experts with such a block beside them, if that has a width. */
    Block sharedExperts(ExpertNames names) {
        int inner = config.integer("shared_intermediate_size", Range.between(0, Range.SIZE.most()));
        return inner == 0 ? experts(names) : Parallel.of(experts(names), shared(inner));
    }

    /** Such a block with experts beside it, if there are any. */
    Block sharedWithExperts() {
        Block shared = shared(config.integer("shared_intermediate_size", Range.SIZE));
        int count = config.integer("num_local_experts", Range.between(0, Range.COUNT.most()));
        return count == 0 ? shared : Parallel.of(experts(ExpertNames.usual(), count), shared);
    }

    Layer layer(Block mixer, Block feedForward) {
        return Layer.of(
                Residual.of(parts.norm("input_layernorm"), mixer).scaled(residual),
                Residual.of(parts.norm("post_attention_layernorm"), feedForward).scaled(residual));
    }

    Decoder decoder(IntFunction<Layer> layer) {
        return decoder(layer, 1 / config.number("logits_scaling", Range.MULTIPLIER));
    }

    /** A model whose logits are multiplied by a factor. */
    Decoder decoder(IntFunction<Layer> layer, double logits) {
        Heads heads = parts.heads();
        return parts.builder(layer)
                .embedding(
                        Embedding.of(heads.embedding()).scaled(config.number("embedding_multiplier", Range.MULTIPLIER)))
                .head(heads.head().scaled(logits))
                .build();
    }
}
