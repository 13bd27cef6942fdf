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

/** Nemotron 3 and 4: layer norms by 1 + w, half of each head rotated, a feed-forward block of squared ReLU without a gate. */
final class Nemotron implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 256000)
            .put("hidden_size", 6144)
            .put("intermediate_size", 24576)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 48)
            .put("hidden_act", "relu2")
            .put("max_position_embeddings", 4096)
            .put("norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("partial_rotary_factor", 0.5)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Nemotron";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("nemotron");
    }

    @Override
    public String notes() {
        return "Nemotron 3 and 4, Minitron; not the later ones, which are Llama (nemotron-nas) or hybrid (nemotron_h)";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        boolean biased = config.flag("attention_bias", false);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.of(config, "rope_theta")
                        .partial("partial_rotary_factor")
                        .rotary(sizes.headSize()))
                .build();
        Layer layer = Layer.of(
                Residual.of(norm("input_layernorm", config, sizes), attention),
                Residual.of(
                        norm("post_attention_layernorm", config, sizes),
                        sizes.ungated(config, config.flag("mlp_bias", false))));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(norm("model.norm", config, sizes))
                .head(heads.head())
                .build();
    }

    private static LayerNorm norm(String name, ModelConfig config, Dimensions sizes) {
        return LayerNorm.of(name, sizes.width(), config.number("norm_eps", Range.EPSILON))
                .offset(1);
    }
}
