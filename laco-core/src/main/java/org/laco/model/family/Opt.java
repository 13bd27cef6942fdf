package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** OPT: layer norms, learned positions from the third row of their table on, biases, a plain feed-forward block of ReLU. */
final class Opt implements Family {
    /** The row of the table of positions that position 0 takes. */
    static final int POSITION_OFFSET = 2;

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50272)
            .put("hidden_size", 768)
            .put("num_hidden_layers", 12)
            .put("ffn_dim", 3072)
            .put("num_attention_heads", 12)
            .put("max_position_embeddings", 2048)
            .put("do_layer_norm_before", true)
            .put("_remove_final_layer_norm", false)
            .put("activation_function", "relu")
            .put("enable_bias", true)
            .put("layer_norm_elementwise_affine", true)
            .put("tie_word_embeddings", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "OPT";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("opt");
    }

    @Override
    public String notes() {
        return "OPT and Galactica; not OPT 350M, whose norms stand after the blocks and whose embeddings are narrower";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        int width = config.integer("hidden_size", Range.SIZE);
        checkArgument(
                config.flag("do_layer_norm_before", false),
                "config.json: do_layer_norm_before false is not supported for opt, expected true");
        checkArgument(
                config.integer("word_embed_proj_dim", Range.SIZE, width) == width,
                "config.json: word_embed_proj_dim %s is not supported for opt, expected %s, the hidden_size",
                config.integer("word_embed_proj_dim", width),
                width);
        String prefix = "model.decoder.";
        Layer layer = Layer.of(
                Residual.of(norm(config, "self_attn_layer_norm"), attention(config)),
                Residual.of(norm(config, "final_layer_norm"), feedForward(config, width)));
        Heads heads = Heads.read(config, tensors, prefix + "embed_tokens.weight", Heads.HEAD);
        Decoder.Builder decoder = Decoder.builder(width, config.integer("vocab_size", Range.SIZE))
                .embedding(Embedding.of(heads.embedding())
                        .withPositions(prefix + "embed_positions.weight", POSITION_OFFSET))
                .layers(prefix + "layers.", Dimensions.layers(config), i -> layer)
                .head(heads.head());
        return config.flag("_remove_final_layer_norm", false)
                ? decoder.build()
                : decoder.norm(norm(config, prefix + "final_layer_norm")).build();
    }

    private static Block attention(ModelConfig config) {
        boolean biased = config.flag("enable_bias", false);
        return Dimensions.read(config).attention(biased, "out_proj", biased).build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        boolean biased = config.flag("enable_bias", false);
        int inner = config.integer("ffn_dim", Range.SIZE);
        return new FeedForward(
                Linear.of("fc1", width, inner, biased),
                Linear.of("fc2", inner, width, biased),
                Dimensions.activation(config, "activation_function"));
    }

    private static LayerNorm norm(ModelConfig config, String name) {
        boolean affine = config.flag("layer_norm_elementwise_affine", false);
        return new LayerNorm(name, config.integer("hidden_size", Range.SIZE), 1e-5, affine, affine);
    }
}
