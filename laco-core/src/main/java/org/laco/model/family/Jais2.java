package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Jais 2: as Llama with layer norms, biases, and a feed-forward block of squared ReLU without a gate. */
final class Jais2 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 150272)
            .put("hidden_size", 3328)
            .put("intermediate_size", 26624)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 26)
            .put("hidden_act", "relu2")
            .put("max_position_embeddings", 8192)
            .put("layer_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", true)
            .put("mlp_bias", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "Jais 2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("jais2");
    }

    @Override
    public String notes() {
        return "Jais 2 8B and 70B";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("layer_norm_eps", Range.EPSILON);
        boolean biased = config.flag("attention_bias", true);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        Layer layer = Layer.of(
                Residual.of(LayerNorm.of("input_layernorm", sizes.width(), epsilon), attention),
                Residual.of(
                        LayerNorm.of("post_attention_layernorm", sizes.width(), epsilon),
                        sizes.ungated(config, config.flag("mlp_bias", true))));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }
}
