package org.laco.model.family;

import java.util.function.IntFunction;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/**
 * What the many families share whose tensors are named as Llama's are.
 *
 * @param sizes the sizes
 * @param epsilon the ε of all norms
 * @param heads the matrices of tokens and logits
 */
record LlamaParts(Dimensions sizes, double epsilon, Heads heads) {
    static LlamaParts read(ModelConfig config, TensorSource tensors) {
        return new LlamaParts(
                Dimensions.read(config), config.number("rms_norm_eps", Range.EPSILON), Heads.read(config, tensors));
    }

    /** A norm over the hidden width. */
    RmsNorm norm(String name) {
        return norm(name, sizes.width());
    }

    RmsNorm norm(String name, int width) {
        return RmsNorm.of(name, width, epsilon);
    }

    /** A layer with a norm before attention and one before feed-forward. */
    Layer layer(Block attention, Block feedForward) {
        return Layer.of(
                Residual.of(norm("input_layernorm"), attention),
                Residual.of(norm("post_attention_layernorm"), feedForward));
    }

    /** A layer with a norm after attention and one after feed-forward. */
    Layer layerNormedAfter(Block attention, Block feedForward) {
        return Layer.of(
                Residual.of(attention, norm("post_attention_layernorm")),
                Residual.of(feedForward, norm("post_feedforward_layernorm")));
    }

    /** A model of layers that are all alike. */
    Decoder decoder(Layer layer) {
        return decoder(i -> layer);
    }

    Decoder decoder(IntFunction<Layer> layer) {
        return builder(layer).build();
    }

    /** Starts a definition whose embedding or head is to be replaced. */
    Decoder.Builder builder(IntFunction<Layer> layer) {
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), layer)
                .norm(norm("model.norm"))
                .head(heads.head());
    }
}
