package org.laco.model.family;

import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Llama, Llama 2 and 3, TinyLlama, SmolLM 1 and 2: RMS norms, rotary positions, grouped queries, gated feed-forward. */
final class Llama implements Family {
    @Override
    public String name() {
        return "Llama";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("llama");
    }

    @Override
    public String notes() {
        return "Llama 1 to 3, TinyLlama, SmolLM 1 and 2, Yi; every rope scaling";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", 1e-6);
        boolean biased = config.flag("attention_bias", false);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        Block feedForward = sizes.gated(config, config.flag("mlp_bias", false));
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention),
                Residual.of(RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), feedForward));
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(Heads.EMBEDDING))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(Heads.read(config, false))
                .build();
    }
}
