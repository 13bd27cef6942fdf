package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Granite 3, dense: as Llama with multipliers of embeddings, scores, residual branches and logits. */
final class Granite implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 32000)
            .put("hidden_size", 4096)
            .put("intermediate_size", 11008)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 2048)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .put("embedding_multiplier", 1.0)
            .put("logits_scaling", 1.0)
            .put("residual_multiplier", 1.0)
            .put("attention_multiplier", 1.0)
            .buildOrThrow();

    @Override
    public String name() {
        return "Granite";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("granite");
    }

    @Override
    public String notes() {
        return "the dense models of Granite 3";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        double residual = config.number("residual_multiplier", Range.MULTIPLIER);
        boolean biased = config.flag("attention_bias", false);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .scale(config.number("attention_multiplier", Range.MULTIPLIER))
                .build();
        Block feedForward = sizes.gated(config, config.flag("mlp_bias", false));
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention)
                        .scaled(residual),
                Residual.of(RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), feedForward)
                        .scaled(residual));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(
                        Embedding.of(heads.embedding()).scaled(config.number("embedding_multiplier", Range.MULTIPLIER)))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head().scaled(1 / config.number("logits_scaling", Range.MULTIPLIER)))
                .build();
    }
}
