package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import org.laco.model.block.Attention;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.NoScaling;
import org.laco.model.block.Parallel;
import org.laco.model.block.Projection;
import org.laco.model.block.Residual;
import org.laco.model.block.Rotary;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/**
 * What GPT-J and CodeGen share: all but how queries, keys and values are stored.
 *
 * @param width the hidden width
 */
record GptJParts(int width) {
    static final String PREFIX = "transformer.";

    /** What transformers takes for a key that a configuration hasn't. */
    static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50400)
            .put("n_positions", 2048)
            .put("n_embd", 4096)
            .put("n_layer", 28)
            .put("n_head", 16)
            .put("rotary_dim", 64)
            .put("activation_function", "gelu_new")
            .put("layer_norm_epsilon", 1e-5)
            .put("tie_word_embeddings", false)
            .buildOrThrow();

    static final ImmutableMap<String, String> SYNONYMS = ImmutableMap.of(
            "hidden_size", "n_embd",
            "max_position_embeddings", "n_positions",
            "num_attention_heads", "n_head",
            "num_hidden_layers", "n_layer");

    static GptJParts read(ModelConfig config) {
        return new GptJParts(config.integer("n_embd", Range.SIZE));
    }

    Decoder decoder(ModelConfig config, TensorSource tensors, Projection projection) {
        double epsilon = config.number("layer_norm_epsilon", Range.EPSILON);
        Layer layer = Layer.of(Residual.of(
                LayerNorm.of("ln_1", width, epsilon), Parallel.of(attention(config, projection), feedForward(config))));
        Heads heads = Heads.read(config, tensors, PREFIX + "wte.weight", Heads.HEAD);
        checkArgument(
                heads.head().weight().equals(Heads.HEAD),
                "config.json: tie_word_embeddings true is not supported for a head with a bias, expected false,"
                        + " or a file with %s",
                Heads.HEAD);
        return Decoder.builder(width, config.integer("vocab_size", Range.SIZE))
                .embedding(Embedding.of(heads.embedding()))
                .layers(PREFIX + "h.", config.integer("n_layer", Range.COUNT), i -> layer)
                .norm(LayerNorm.of(PREFIX + "ln_f", width, epsilon))
                .head(heads.head().withBias())
                .build();
    }

    private Attention attention(ModelConfig config, Projection projection) {
        int heads = config.integer("n_head", Range.COUNT);
        int size = Dimensions.headSize(width, heads);
        return Attention.builder(heads, heads, size)
                .projection(projection)
                .output(Linear.of("attn.out_proj", width, width, false))
                .rotary(rotary(config, size))
                .build();
    }

    private static Rotary rotary(ModelConfig config, int size) {
        int rotated = config.integer("rotary_dim", Range.COUNT);
        checkArgument(
                rotated <= size && rotated % 2 == 0,
                "config.json: rotary_dim is %s, expected an even number up to %s, the size of a head",
                rotated,
                size);
        return new Rotary(rotated, 10_000, new NoScaling(), true);
    }

    private FeedForward feedForward(ModelConfig config) {
        int inner = config.integer("n_inner", Range.SIZE, 4 * width);
        return new FeedForward(
                Linear.of("mlp.fc_in", width, inner, true),
                Linear.of("mlp.fc_out", inner, width, true),
                Dimensions.activation(config, "activation_function"));
    }
}
