package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Gemma 1: as Llama with scaled embeddings, norms by 1 + w and a gate of GELU's tanh form, which older configurations call GELU. */
final class Gemma implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 256000)
            .put("hidden_size", 3072)
            .put("intermediate_size", 24576)
            .put("num_hidden_layers", 28)
            .put("num_attention_heads", 16)
            .put("num_key_value_heads", 16)
            .put("head_dim", 256)
            .put("hidden_act", "gelu_pytorch_tanh")
            .put("max_position_embeddings", 8192)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Gemma";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gemma");
    }

    @Override
    public String notes() {
        return "Gemma 1 and 1.1, CodeGemma";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        GemmaParts parts = GemmaParts.read(config);
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("attention_bias", false);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        Block feedForward =
                sizes.gated("mlp.", config.integer("intermediate_size", Range.SIZE), false, activation(config));
        Layer layer = Layer.of(
                Residual.of(parts.norm("input_layernorm"), attention),
                Residual.of(parts.norm("post_attention_layernorm"), feedForward));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(parts.embedding(heads))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(parts.norm("model.norm"))
                .head(heads.head())
                .build();
    }

    /** The released configurations say "gelu" and mean the approximation. */
    private static Activation activation(ModelConfig config) {
        Activation named = Dimensions.activation(config, "hidden_act");
        return named == Activation.GELU ? Activation.GELU_TANH : named;
    }
}
