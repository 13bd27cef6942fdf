package org.laco.model.family;

import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Mistral: as Llama, and every layer attends to a window if the configuration has one. */
final class Mistral implements Family {
    @Override
    public String name() {
        return "Mistral";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("mistral");
    }

    @Override
    public String notes() {
        return "Mistral 7B and Nemo, Zephyr; the window applies to all layers";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", 1e-6);
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes)),
                Residual.of(
                        RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), sizes.gated(config, false)));
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(Heads.EMBEDDING))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(Heads.read(config, false))
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        Attention.Builder attention =
                sizes.attention(false, "o_proj", false).rotary(RotaryConfig.read(config, sizes.headSize()));
        return (config.has("sliding_window") ? attention.window(config.integer("sliding_window")) : attention).build();
    }
}
