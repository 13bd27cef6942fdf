package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Experts;
import org.laco.model.block.GatedFeedForward;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.SeparateExperts;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Mixtral: as Mistral with experts in the place of the feed-forward block. */
final class Mixtral implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 32000)
            .put("hidden_size", 4096)
            .put("intermediate_size", 14336)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 8)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 1_000_000.0)
            .put("num_local_experts", 8)
            .put("num_experts_per_tok", 2)
            .buildOrThrow();

    @Override
    public String name() {
        return "Mixtral";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("mixtral");
    }

    @Override
    public String notes() {
        return "experts and routers merge one by one";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes)),
                Residual.of(
                        RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon),
                        experts(config, sizes.width())));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        Attention.Builder attention = sizes.attention(false, "o_proj", false)
                .rotary(RotaryConfig.of(config, "rope_theta").rotary(sizes.headSize()));
        return LayerTypes.window(attention, config).build();
    }

    private static Block experts(ModelConfig config, int width) {
        int count = config.integer("num_local_experts", Range.COUNT);
        int inner = config.integer("intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        return Experts.of(
                Linear.of("block_sparse_moe.gate", width, count, false),
                TopExperts.softmax(config.integer("num_experts_per_tok", Range.between(1, count)))
                        .renormalised(true),
                SeparateExperts.of(
                        count, i -> expert("block_sparse_moe.experts." + i + ".", width, inner, activation)));
    }

    /** A feed-forward block of {@code w1}, the gate, {@code w2}, back to the hidden width, and {@code w3}. */
    static Block expert(String prefix, int width, int inner, Activation activation) {
        return new GatedFeedForward(
                Linear.of(prefix + "w1", width, inner, false),
                Linear.of(prefix + "w3", width, inner, false),
                Linear.of(prefix + "w2", inner, width, false),
                activation);
    }
}
