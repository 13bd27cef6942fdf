package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/**
 * Falcon: layer norms, rotary positions, attention and a plain feed-forward block side by side. The 7B model has one key head for all
 * queries; in the 40B and later models each group of query heads stands with its key and value head, and has two norms.
 */
final class Falcon implements Family {
    private static final String TOKENS = "transformer.word_embeddings.weight";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 65024)
            .put("hidden_size", 4544)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 71)
            .put("layer_norm_epsilon", 1e-5)
            .put("alibi", false)
            .put("new_decoder_architecture", false)
            .put("multi_query", true)
            .put("parallel_attn", true)
            .put("bias", false)
            .put("activation", "gelu")
            .put("max_position_embeddings", 2048)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 10_000.0)
            .buildOrThrow();

    @Override
    public String name() {
        return "Falcon";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("falcon");
    }

    @Override
    public String notes() {
        return "Falcon 7B, 40B, 180B and Falcon 2; not Falcon-RW, which has linear biases, nor Falcon Mamba";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of(
                "n_layer", "num_hidden_layers", "n_head", "num_attention_heads", "n_embed", "hidden_size");
    }

    @Override
    public String prefix() {
        return "transformer.";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.flag("alibi", false), "config.json: alibi true is not supported for falcon, expected false");
        int width = width(config);
        Heads heads = Heads.read(config, tensors, TOKENS, Heads.HEAD);
        Layer layer = layer(config, width);
        return Decoder.builder(width, config.integer("vocab_size", Range.SIZE))
                .embedding(Embedding.of(heads.embedding()))
                .layers("transformer.h.", Dimensions.layers(config), i -> layer)
                .norm(norm(config, "transformer.ln_f"))
                .head(heads.head())
                .build();
    }

    /** The hidden width, which the first releases called by another name. */
    private static int width(ModelConfig config) {
        return config.integer(config.has("n_embed") ? "n_embed" : "hidden_size", Range.SIZE);
    }

    private static Layer layer(ModelConfig config, int width) {
        Block attention = attention(config, width);
        Block feedForward = feedForward(config, width);
        boolean grouped = isGrouped(config);
        if (grouped && config.integer("num_ln_in_parallel_attn", Range.between(1, 2), 2) == 2) {
            return Layer.of(Residual.parallel(
                    ImmutableList.of(norm(config, "ln_attn"), attention),
                    ImmutableList.of(norm(config, "ln_mlp"), feedForward)));
        }
        LayerNorm before = norm(config, "input_layernorm");
        return grouped || config.flag("parallel_attn", false)
                ? Layer.of(Residual.of(before, Parallel.of(attention, feedForward)))
                : Layer.of(
                        Residual.of(before, attention),
                        Residual.of(norm(config, "post_attention_layernorm"), feedForward));
    }

    private static Block attention(ModelConfig config, int width) {
        int heads = config.integer("num_attention_heads", Range.COUNT);
        int size = Dimensions.headSize(width, heads);
        int shared = keyValueHeads(config, heads);
        boolean biased = config.flag("bias", false);
        Linear fused = Linear.of("self_attention.query_key_value", width, width + 2 * shared * size, biased);
        return Attention.builder(heads, shared, size)
                .projection(new FusedProjection(fused, shared, width / shared, size))
                .output(Linear.of("self_attention.dense", width, width, biased))
                .rotary(RotaryConfig.read(config, size))
                .build();
    }

    private static int keyValueHeads(ModelConfig config, int heads) {
        return isGrouped(config)
                ? Dimensions.sharedBy(heads, config.integer("num_kv_heads", Range.COUNT, heads))
                : config.flag("multi_query", false) ? 1 : heads;
    }

    private static boolean isGrouped(ModelConfig config) {
        return config.flag("new_decoder_architecture", false);
    }

    private static Block feedForward(ModelConfig config, int width) {
        boolean biased = config.flag("bias", false);
        int inner = config.integer("ffn_hidden_size", Range.SIZE, 4 * width);
        return new FeedForward(
                Linear.of("mlp.dense_h_to_4h", width, inner, biased),
                Linear.of("mlp.dense_4h_to_h", inner, width, biased),
                Dimensions.activation(config, "activation"));
    }

    private static LayerNorm norm(ModelConfig config, String name) {
        return LayerNorm.of(name, width(config), config.number("layer_norm_epsilon", Range.EPSILON));
    }
}
