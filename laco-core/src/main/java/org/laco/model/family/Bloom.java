package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Alibi;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** BLOOM: linear biases, layer norms, one of them after the embedding, queries, keys and values fused head by head. */
final class Bloom implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 250880)
            .put("hidden_size", 64)
            .put("n_layer", 2)
            .put("n_head", 8)
            .put("layer_norm_epsilon", 1e-5)
            .put("apply_residual_connection_post_layernorm", false)
            .put("pretraining_tp", 1)
            .put("slow_but_exact", false)
            .put("tie_word_embeddings", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "BLOOM";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("bloom");
    }

    @Override
    public String notes() {
        return "BLOOM and BLOOMZ, with or without the prefix transformer. of their tensors";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of(
                "num_attention_heads", "n_head", "num_hidden_layers", "n_layer", "n_embed", "hidden_size");
    }

    @Override
    public String prefix() {
        return "transformer.";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        refuse(config, "apply_residual_connection_post_layernorm");
        // Slices of the maps, added up without the bias, make another model than what was trained.
        if (config.integer("pretraining_tp", Range.COUNT) > 1) {
            refuse(config, "slow_but_exact");
        }
        int width = width(config);
        Layer layer = Layer.of(
                Residual.of(norm(config, "input_layernorm"), attention(config, width)),
                Residual.of(norm(config, "post_attention_layernorm"), feedForward(width)));
        Heads heads = Heads.read(config, tensors, prefix() + "word_embeddings.weight", Heads.HEAD);
        return Decoder.builder(width, config.integer("vocab_size", Range.SIZE))
                .embedding(Embedding.of(heads.embedding()).normed(norm(config, prefix() + "word_embeddings_layernorm")))
                .layers(prefix() + "h.", config.integer("n_layer", Range.COUNT), i -> layer)
                .norm(norm(config, prefix() + "ln_f"))
                .head(heads.head())
                .build();
    }

    /** The hidden width, which the first releases called by another name. */
    private static int width(ModelConfig config) {
        return config.integer(config.has("n_embed") ? "n_embed" : "hidden_size", Range.SIZE);
    }

    private static Block attention(ModelConfig config, int width) {
        int heads = config.integer("n_head", Range.COUNT);
        int size = Dimensions.headSize(width, heads);
        Linear fused = Linear.of("self_attention.query_key_value", width, 3 * width, true);
        return Attention.builder(heads, heads, size)
                .projection(new FusedProjection(fused, heads, size, size))
                .output(Linear.of("self_attention.dense", width, width, true))
                .slopes(Alibi.slopes(heads))
                .build();
    }

    /** The function is GELU's approximation by tanh, whatever the configuration says. */
    private static Block feedForward(int width) {
        return new FeedForward(
                Linear.of("mlp.dense_h_to_4h", width, 4 * width, true),
                Linear.of("mlp.dense_4h_to_h", 4 * width, width, true),
                Activation.GELU_TANH);
    }

    private static LayerNorm norm(ModelConfig config, String name) {
        return LayerNorm.of(name, width(config), config.number("layer_norm_epsilon", Range.EPSILON));
    }

    private static void refuse(ModelConfig config, String key) {
        checkArgument(!config.flag(key, false), "config.json: %s true is not supported for bloom, expected false", key);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return LayerKeys.named("n_layer").collapse(config, plan);
    }
}
