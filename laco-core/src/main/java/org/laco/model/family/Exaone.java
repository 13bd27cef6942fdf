package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.GatedFeedForward;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.SeparateProjection;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** EXAONE 3: Llama by the names that GPT-2 has for its layers. */
final class Exaone implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 102400)
            .put("hidden_size", 4096)
            .put("intermediate_size", 14336)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 8)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 4096)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 500_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "EXAONE 3";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("exaone");
    }

    @Override
    public String notes() {
        return "EXAONE 3.0 and 3.5, Deep";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    /** Released configurations have names of GPT-2's. */
    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of(
                "num_layers", "num_hidden_layers",
                "layer_norm_epsilon", "rms_norm_eps",
                "activation_function", "hidden_act");
    }

    @Override
    public String prefix() {
        return "transformer.";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("ln_1", sizes.width(), epsilon), attention(config, sizes)),
                Residual.of(RmsNorm.of("ln_2", sizes.width(), epsilon), feedForward(config, sizes.width())));
        Heads heads = Heads.read(config, tensors, prefix() + "wte.weight", Heads.HEAD);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers(prefix() + "h.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of(prefix() + "ln_f", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        boolean biased = config.flag("attention_bias", false);
        String prefix = "attn.attention.";
        return sizes.attention(
                        new SeparateProjection(
                                Linear.of(prefix + "q_proj", sizes.width(), sizes.queries(), biased),
                                Linear.of(prefix + "k_proj", sizes.width(), sizes.keys(), biased),
                                Linear.of(prefix + "v_proj", sizes.width(), sizes.keys(), biased)),
                        Linear.of(prefix + "out_proj", sizes.queries(), sizes.width(), biased))
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        boolean biased = config.flag("mlp_bias", false);
        int inner = config.integer("intermediate_size", Range.SIZE);
        return new GatedFeedForward(
                Linear.of("mlp.c_fc_0", width, inner, biased),
                Linear.of("mlp.c_fc_1", width, inner, biased),
                Linear.of("mlp.c_proj", inner, width, biased),
                Dimensions.activation(config, "hidden_act"));
    }
}
