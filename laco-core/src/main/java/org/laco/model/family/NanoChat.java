package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.ReversedScaling;
import org.laco.model.block.Rotary;
import org.laco.model.block.UnitNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** nanochat: norms without weights, of the embeddings too, heads that turn the other way round, squared ReLU, a soft cap of logits. */
final class NanoChat implements Family {
    private static final String CAP = "final_logit_softcapping";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50304)
            .put("hidden_size", 768)
            .put("intermediate_size", 8192)
            .put("num_hidden_layers", 12)
            .put("num_attention_heads", 6)
            .put("hidden_act", "relu2")
            .put("max_position_embeddings", 2048)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("final_logit_softcapping", 15.0)
            .buildOrThrow();

    @Override
    public String name() {
        return "nanochat";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("nanochat");
    }

    @Override
    public String notes() {
        return "nanochat d32 and its likes";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        UnitNorm norm = new UnitNorm(sizes.width(), parts.epsilon());
        Layer layer = Layer.of(
                Residual.of(norm, attention(config, parts)), Residual.of(norm, feedForward(config, sizes.width())));
        Heads heads = parts.heads();
        return parts.builder(i -> layer)
                .embedding(Embedding.of(heads.embedding()).normed(norm))
                .norm(norm)
                .head(config.has(CAP) ? heads.head().capped(config.number(CAP, Range.MULTIPLIER)) : heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, LlamaParts parts) {
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("attention_bias", false);
        Rotary rotary = RotaryConfig.read(config, sizes.headSize());
        UnitNorm norm = new UnitNorm(sizes.headSize(), parts.epsilon());
        return sizes.attention(biased, "o_proj", biased)
                .rotary(rotary.scaled(new ReversedScaling(rotary.scaling())))
                .rotatedQueryKeyNorms(norm, norm)
                .build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        int inner = config.integer("intermediate_size", Range.SIZE);
        return new FeedForward(
                Linear.of("mlp.fc1", width, inner, false),
                Linear.of("mlp.fc2", inner, width, false),
                Dimensions.activation(config, "hidden_act"));
    }
}
