package org.laco.model.family;

import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Attention;
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

/** StarCoder 2: layer norms, biases, rotary positions, grouped queries, a plain feed-forward block, a window on all layers. */
final class Starcoder2 implements Family {
    @Override
    public String name() {
        return "StarCoder 2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("starcoder2");
    }

    @Override
    public String notes() {
        return "StarCoder 2; the window applies to all layers";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("norm_epsilon", 1e-5);
        boolean biased = config.flag("use_bias", true);
        int inner = config.integer("intermediate_size");
        Block feedForward = new FeedForward(
                Linear.of("mlp.c_fc", sizes.width(), inner, biased),
                Linear.of("mlp.c_proj", inner, sizes.width(), biased),
                Activation.named(config.string("hidden_act", "gelu_pytorch_tanh")));
        Layer layer = Layer.of(
                Residual.of(LayerNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes, biased)),
                Residual.of(LayerNorm.of("post_attention_layernorm", sizes.width(), epsilon), feedForward));
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(Heads.EMBEDDING))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("model.norm", sizes.width(), epsilon))
                .head(Heads.read(config, true))
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes, boolean biased) {
        Attention.Builder attention =
                sizes.attention(biased, "o_proj", biased).rotary(RotaryConfig.read(config, sizes.headSize()));
        return (config.has("sliding_window") ? attention.window(config.integer("sliding_window")) : attention).build();
    }
}
