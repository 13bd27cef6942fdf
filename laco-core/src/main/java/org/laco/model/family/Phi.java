package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
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
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Phi 1, 1.5 and 2: one layer norm feeds attention and a plain feed-forward block, a share of each head is rotated, biases everywhere. */
final class Phi implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 51200)
            .put("hidden_size", 2048)
            .put("intermediate_size", 8192)
            .put("num_hidden_layers", 24)
            .put("num_attention_heads", 32)
            .put("hidden_act", "gelu_new")
            .put("max_position_embeddings", 2048)
            .put("layer_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("partial_rotary_factor", 0.5)
            .put("qk_layernorm", false)
            .buildOrThrow();

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
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.flag("qk_layernorm", false),
                "config.json: qk_layernorm true is not supported for phi, expected false");
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("layer_norm_eps", Range.EPSILON);
        int inner = config.integer("intermediate_size", Range.SIZE);
        Block attention = sizes.attention(true, "dense", true)
                .rotary(RotaryConfig.of(config, "rope_theta")
                        .partial("partial_rotary_factor")
                        .rotary(sizes.headSize()))
                .build();
        Block feedForward = new FeedForward(
                Linear.of("mlp.fc1", sizes.width(), inner, true),
                Linear.of("mlp.fc2", inner, sizes.width(), true),
                Dimensions.activation(config, "hidden_act"));
        Layer layer = Layer.of(Residual.of(
                LayerNorm.of("input_layernorm", sizes.width(), epsilon), Parallel.of(attention, feedForward)));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("model.final_layernorm", sizes.width(), epsilon))
                .head(heads.head().withBias())
                .build();
    }
}
