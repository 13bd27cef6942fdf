package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalDouble;
import java.util.function.IntFunction;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Head;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/**
 * What the Gemma families share.
 *
 * @param config the configuration
 * @param sizes its sizes
 * @param epsilon the ε of all norms
 */
record GemmaParts(ModelConfig config, Dimensions sizes, double epsilon) {
    static GemmaParts read(ModelConfig config) {
        checkArgument(
                !config.flag("use_bidirectional_attention", false),
                "config.json: use_bidirectional_attention true is not supported, expected false:"
                        + " layer collapse compares causal models");
        return new GemmaParts(config, Dimensions.read(config), config.number("rms_norm_eps", Range.EPSILON));
    }

    /** A norm by 1 + w over the hidden width. */
    RmsNorm norm(String name) {
        return norm(name, sizes.width());
    }

    RmsNorm norm(String name, int width) {
        return new RmsNorm(name, width, epsilon, 1);
    }

    /** The embedding, times the root of its width. */
    Embedding embedding(Heads heads) {
        return Embedding.of(heads.embedding()).scaled(Math.sqrt(sizes.width()));
    }

    /** A head whose logits are capped if the configuration says so. */
    Head head(Heads heads) {
        Head head = heads.head();
        OptionalDouble cap = cap("final_logit_softcapping");
        return cap.isPresent() ? head.capped(cap.getAsDouble()) : head;
    }

    /** Attention of Gemma 2 and 3, whose scale is of its own key. */
    Attention.Builder attention(String type) {
        boolean biased = config.flag("attention_bias", false);
        Attention.Builder attention = LayerTypes.window(sizes.attention(biased, "o_proj", biased), type, config)
                .scale(1 / Math.sqrt(config.number("query_pre_attn_scalar", Range.MULTIPLIER)));
        OptionalDouble cap = cap("attn_logit_softcapping");
        return cap.isPresent() ? attention.softCap(cap.getAsDouble()) : attention;
    }

    /** A model of Gemma 2 and 3 of its layers. */
    Decoder decoder(TensorSource tensors, IntFunction<Layer> layer) {
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(embedding(heads))
                .layers("model.layers.", sizes.layers(), layer)
                .norm(norm("model.norm"))
                .head(head(heads))
                .build();
    }

    /** A layer of Gemma 2 and 3, with norms before and after both blocks. */
    Layer layer(String type, Block attention) {
        Layer layer = Layer.of(
                Residual.of(norm("input_layernorm"), attention, norm("post_attention_layernorm")),
                Residual.of(norm("pre_feedforward_layernorm"), feedForward(), norm("post_feedforward_layernorm")));
        return LayerTypes.mark(layer, type);
    }

    /** The same without the norms after them. */
    Layer layerNormedBefore(String type, Block attention) {
        Layer layer = Layer.of(
                Residual.of(norm("input_layernorm"), attention),
                Residual.of(norm("pre_feedforward_layernorm"), feedForward()));
        return LayerTypes.mark(layer, type);
    }

    /** The feed-forward block of Gemma 2 and 3. */
    private Block feedForward() {
        return sizes.gated(
                "mlp.",
                config.integer("intermediate_size", Range.SIZE),
                false,
                Dimensions.activation(config, "hidden_activation"));
    }

    /** A soft cap; a key that is null means none. */
    private OptionalDouble cap(String key) {
        return config.has(key) ? OptionalDouble.of(config.number(key, Range.MULTIPLIER)) : OptionalDouble.empty();
    }
}
