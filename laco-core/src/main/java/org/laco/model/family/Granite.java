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

/** Granite 3, dense: as Llama with multipliers of embeddings, scores, residual branches and logits. */
final class Granite implements Family {
    @Override
    public String name() {
        return "Granite";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("granite");
    }

    @Override
    public String notes() {
        return "the dense models of Granite 3";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", 1e-6);
        double residual = config.number("residual_multiplier", 1);
        boolean biased = config.flag("attention_bias", false);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .scale(config.number("attention_multiplier", 1))
                .build();
        Block feedForward = sizes.gated(config, config.flag("mlp_bias", false));
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention)
                        .scaled(residual),
                Residual.of(RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), feedForward)
                        .scaled(residual));
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(Heads.EMBEDDING).scaled(config.number("embedding_multiplier", 1)))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(Heads.read(config, false).scaled(1 / config.number("logits_scaling", 1)))
                .build();
    }
}
