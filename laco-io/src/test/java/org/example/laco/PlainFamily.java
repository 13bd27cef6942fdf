package org.example.laco;

import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.Head;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.SeparateProjection;
import org.laco.model.config.ModelConfig;
import org.laco.model.family.Family;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** A family from outside: attention of one head without positions, and a feed-forward without a gate. */
public final class PlainFamily implements Family {
    @Override
    public String name() {
        return "Plain";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("plain");
    }

    @Override
    public String notes() {
        return "made for a test";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        int width = config.integer("width");
        Block attention = Attention.builder(1, 1, width)
                .projection(new SeparateProjection(
                        Linear.of("query", width, width, false),
                        Linear.of("key", width, width, false),
                        Linear.of("value", width, width, false)))
                .output(Linear.of("output", width, width, false))
                .build();
        Block feedForward = new FeedForward(
                Linear.of("up", width, 2 * width, false),
                Linear.of("down", 2 * width, width, false),
                Activation.named("gelu"));
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("norm1", width, 1e-6), attention),
                Residual.of(RmsNorm.of("norm2", width, 1e-6), feedForward));
        return Decoder.builder(width, config.integer("vocabulary"))
                .embedding(Embedding.of("tokens"))
                .layers("layers.", config.integer("depth"), i -> layer)
                .norm(RmsNorm.of("norm", width, 1e-6))
                .head(Head.of("tokens"))
                .build();
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return config.with("depth", plan.size());
    }
}
