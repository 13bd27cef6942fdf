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

/** OLMo 2: norms stand after attention and feed-forward, and queries and keys are normalised over all heads together. */
final class Olmo2 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50304)
            .put("hidden_size", 4096)
            .put("intermediate_size", 11008)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 2048)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "OLMo 2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("olmo2");
    }

    @Override
    public String notes() {
        return "OLMo 2";
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
                .queryKeyNorms(
                        RmsNorm.of("self_attn.q_norm", sizes.queries(), epsilon),
                        RmsNorm.of("self_attn.k_norm", sizes.keys(), epsilon))
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        Layer layer = Layer.of(
                Residual.of(attention, RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon)),
                Residual.of(
                        sizes.gated(config, false), RmsNorm.of("post_feedforward_layernorm", sizes.width(), epsilon)));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }
}
