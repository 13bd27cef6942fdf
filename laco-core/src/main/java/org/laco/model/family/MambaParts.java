package org.laco.model.family;

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
 * What the models share that are Mamba mixers and nothing else.
 *
 * @param width the hidden width
 * @param vocabulary the number of token ids
 * @param layers the number of layers
 * @param epsilon the ε of norms
 * @param heads the matrices of tokens and logits
 */
record MambaParts(int width, int vocabulary, int layers, double epsilon, Heads heads) {
    static final String MIXER = "mixer";

    static MambaParts read(ModelConfig config, TensorSource tensors) {
        return new MambaParts(
                config.integer("hidden_size", Range.SIZE),
                config.integer("vocab_size", Range.SIZE),
                Dimensions.layers(config),
                config.number("layer_norm_epsilon", Range.EPSILON),
                Heads.read(config, tensors, "backbone.embeddings.weight", Heads.HEAD));
    }

    Decoder decoder(Block mixer) {
        Layer layer = Layer.of(Residual.of(RmsNorm.of("norm", width, epsilon), mixer));
        return Decoder.builder(width, vocabulary)
                .embedding(Embedding.of(heads.embedding()))
                .layers("backbone.layers.", layers, i -> layer)
                .norm(RmsNorm.of("backbone.norm_f", width, epsilon))
                .head(heads.head())
                .build();
    }
}
