package org.laco.model.family;

import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Gemma 1: as Llama with scaled embeddings, norms by 1 + w and a gate of GELU's tanh form, whatever the configuration calls it. */
final class Gemma implements Family {
    @Override
    public String name() {
        return "Gemma";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gemma");
    }

    @Override
    public String notes() {
        return "Gemma 1 and 1.1, CodeGemma";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        GemmaParts parts = GemmaParts.read(config);
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("attention_bias", false);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        // The released configurations say "gelu" and mean the approximation.
        Block feedForward = sizes.gated("mlp.", config.integer("intermediate_size"), false, Activation.GELU_TANH);
        Layer layer = Layer.of(
                Residual.of(parts.norm("input_layernorm"), attention),
                Residual.of(parts.norm("post_attention_layernorm"), feedForward));
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(parts.embedding())
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(parts.norm("model.norm"))
                .head(Heads.read(config, true))
                .build();
    }
}
