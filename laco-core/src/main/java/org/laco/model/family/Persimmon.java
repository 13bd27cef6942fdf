package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Persimmon: layer norms, also of each head's queries and keys, fused head by head, half of a head rotated, squared ReLU. */
final class Persimmon implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 262144)
            .put("hidden_size", 4096)
            .put("intermediate_size", 16384)
            .put("num_hidden_layers", 36)
            .put("num_attention_heads", 64)
            .put("hidden_act", "relu2")
            .put("max_position_embeddings", 16384)
            .put("layer_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("partial_rotary_factor", 0.5)
            .put("qk_layernorm", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "Persimmon";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("persimmon");
    }

    @Override
    public String notes() {
        return "Persimmon 8B, the language model of Fuyu";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("layer_norm_eps", Range.EPSILON);
        int inner = config.integer("intermediate_size", Range.SIZE);
        Block feedForward = new FeedForward(
                Linear.of("mlp.dense_h_to_4h", sizes.width(), inner, true),
                Linear.of("mlp.dense_4h_to_h", inner, sizes.width(), true),
                Dimensions.activation(config, "hidden_act"));
        Layer layer = Layer.of(
                Residual.of(LayerNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes, epsilon)),
                Residual.of(LayerNorm.of("post_attention_layernorm", sizes.width(), epsilon), feedForward));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("model.final_layernorm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes, double epsilon) {
        int size = Dimensions.headSize(sizes.width(), sizes.heads());
        Linear fused = Linear.of("self_attn.query_key_value", sizes.width(), 3 * sizes.width(), true);
        // Neither shared keys nor another size of heads: transformers reads no keys for them.
        Attention.Builder attention = sizes.withHeads(sizes.heads(), size)
                .attention(
                        new FusedProjection(fused, sizes.heads(), size, size),
                        Linear.of("self_attn.dense", sizes.width(), sizes.width(), true))
                .rotary(RotaryConfig.of(config, "rope_theta")
                        .partial("partial_rotary_factor")
                        .rotary(size));
        return config.flag("qk_layernorm", false)
                ? attention
                        .queryKeyNorms(
                                LayerNorm.of("self_attn.q_layernorm", size, epsilon),
                                LayerNorm.of("self_attn.k_layernorm", size, epsilon))
                        .build()
                : attention.build();
    }
}
