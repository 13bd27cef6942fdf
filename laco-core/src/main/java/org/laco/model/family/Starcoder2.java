package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
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
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** StarCoder 2: layer norms, biases, rotary positions, grouped queries, a plain feed-forward block, a window on all layers. */
final class Starcoder2 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 49152)
            .put("hidden_size", 3072)
            .put("intermediate_size", 12288)
            .put("num_hidden_layers", 30)
            .put("num_attention_heads", 24)
            .put("num_key_value_heads", 2)
            .put("hidden_act", "gelu_pytorch_tanh")
            .put("max_position_embeddings", 4096)
            .put("norm_epsilon", 1e-5)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 10_000.0)
            .put("use_bias", true)
            .buildOrThrow();

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
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("norm_epsilon", Range.EPSILON);
        boolean biased = config.flag("use_bias", false);
        int inner = config.integer("intermediate_size", Range.SIZE);
        Block feedForward = new FeedForward(
                Linear.of("mlp.c_fc", sizes.width(), inner, biased),
                Linear.of("mlp.c_proj", inner, sizes.width(), biased),
                Dimensions.activation(config, "hidden_act"));
        Layer layer = Layer.of(
                Residual.of(LayerNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes, biased)),
                Residual.of(LayerNorm.of("post_attention_layernorm", sizes.width(), epsilon), feedForward));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes, boolean biased) {
        Attention.Builder attention =
                sizes.attention(biased, "o_proj", biased).rotary(RotaryConfig.read(config, sizes.headSize()));
        return LayerTypes.window(attention, config).build();
    }
}
