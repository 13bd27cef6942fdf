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
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Phi 1, 1.5 and 2: one layer norm feeds attention and a plain feed-forward block, a share of each head is rotated, biases everywhere. */
final class Phi implements Family {
    @Override
    public String name() {
        return "Phi";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("phi");
    }

    @Override
    public String notes() {
        return "Phi 1, 1.5 and 2";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.flag("qk_layernorm", false),
                "config.json: qk_layernorm true is not supported for phi, expected false");
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("layer_norm_eps", 1e-5);
        int inner = config.integer("intermediate_size");
        Block attention = sizes.attention(true, "dense", true)
                .rotary(RotaryConfig.of(config, 10_000)
                        .partial("partial_rotary_factor", 0.5)
                        .rotary(sizes.headSize()))
                .build();
        Block feedForward = new FeedForward(
                Linear.of("mlp.fc1", sizes.width(), inner, true),
                Linear.of("mlp.fc2", inner, sizes.width(), true),
                Activation.named(config.string("hidden_act", "gelu_new")));
        Layer layer = Layer.of(Residual.of(
                LayerNorm.of("input_layernorm", sizes.width(), epsilon), Parallel.of(attention, feedForward)));
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(Heads.EMBEDDING))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("model.final_layernorm", sizes.width(), epsilon))
                .head(Heads.read(config, false).withBias())
                .build();
    }
}
