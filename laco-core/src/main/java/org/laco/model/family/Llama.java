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

/** Llama, Llama 2 and 3, TinyLlama, SmolLM 1 and 2: RMS norms, rotary positions, grouped queries, gated feed-forward. */
final class Llama implements Family {
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
            .buildOrThrow();

    /** Those of IQuest Coder. */
    private static final ImmutableMap<String, Object> IQUEST_DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 76800)
            .put("hidden_size", 5120)
            .put("intermediate_size", 27648)
            .put("num_hidden_layers", 80)
            .put("num_attention_heads", 40)
            .put("num_key_value_heads", 8)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .buildOrThrow();

    /** IQuest Coder, which is Llama with other defaults. */
    static Family iquestCoder() {
        return new FamilyVariant(
                new Llama(),
                "IQuest Coder",
                ImmutableSet.of("iquestcoder"),
                "IQuest Coder V1 7B to 40B; not those that loop over their layers",
                IQUEST_DEFAULTS);
    }

    @Override
    public String name() {
        return "Llama";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("llama");
    }

    @Override
    public String notes() {
        return "Llama 1 to 3, TinyLlama, SmolLM 1 and 2, Yi; every rope scaling";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        boolean biased = config.flag("attention_bias", false);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        Block feedForward = sizes.gated(config, config.flag("mlp_bias", false));
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention),
                Residual.of(RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), feedForward));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }
}
