package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** OPT: layer norms, learned positions from the third row of their table on, biases, a plain feed-forward block of ReLU. */
final class Opt implements Family {
    private static final int POSITION_OFFSET = 2;

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
    public Decoder define(ModelConfig config, TensorSource tensors) {
        int width = config.integer("hidden_size");
        checkArgument(
                config.flag("do_layer_norm_before", true),
                "config.json: do_layer_norm_before false is not supported for opt, expected true");
        checkArgument(
                config.integer("word_embed_proj_dim", width) == width,
                "config.json: word_embed_proj_dim %s is not supported for opt, expected %s, the hidden_size",
                config.integer("word_embed_proj_dim", width),
                width);
        String prefix = "model.decoder.";
        Layer layer = Layer.of(
                Residual.of(norm(config, "self_attn_layer_norm"), attention(config)),
                Residual.of(norm(config, "final_layer_norm"), feedForward(config, width)));
        Decoder.Builder decoder = Decoder.builder(width, config.integer("vocab_size"))
                .embedding(Embedding.of(prefix + "embed_tokens.weight")
                        .withPositions(prefix + "embed_positions.weight", POSITION_OFFSET))
                .layers(prefix + "layers.", config.integer("num_hidden_layers"), i -> layer)
                .head(Heads.read(config, true, prefix + "embed_tokens.weight", Heads.HEAD));
        return config.flag("_remove_final_layer_norm", false)
                ? decoder.build()
                : decoder.norm(norm(config, prefix + "final_layer_norm")).build();
    }

    private static Block attention(ModelConfig config) {
        boolean biased = config.flag("enable_bias", true);
        return Dimensions.read(config).attention(biased, "out_proj", biased).build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        boolean biased = config.flag("enable_bias", true);
        int inner = config.integer("ffn_dim");
        return new FeedForward(
                Linear.of("fc1", width, inner, biased),
                Linear.of("fc2", inner, width, biased),
                Activation.named(config.string("activation_function", "relu")));
    }

    private static LayerNorm norm(ModelConfig config, String name) {
        boolean affine = config.flag("layer_norm_elementwise_affine", true);
        return new LayerNorm(name, config.integer("hidden_size"), 1e-5, affine, affine);
    }
}
