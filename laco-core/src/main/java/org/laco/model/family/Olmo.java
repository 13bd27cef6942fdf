package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Clip;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Projection;
import org.laco.model.block.Residual;
import org.laco.model.block.SeparateProjection;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** OLMo: as Llama, with layer norms that have neither weight nor bias; later models clip queries, keys and values. */
final class Olmo implements Family {
    /** The ε of all norms, which no key sets. */
    private static final double EPSILON = 1e-5;

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50304)
            .put("hidden_size", 4096)
            .put("intermediate_size", 11008)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 2048)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "OLMo";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("olmo");
    }

    @Override
    public String notes() {
        return "OLMo 1B, 7B and 1.7 in the form of transformers (-hf)";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        Block attention = attention(config, sizes);
        Layer layer = Layer.of(
                Residual.of(norm("input_layernorm", sizes), attention),
                Residual.of(norm("post_attention_layernorm", sizes), sizes.gated(config, false)));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(norm("model.norm", sizes))
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        boolean biased = config.flag("attention_bias", false);
        Projection projection = new SeparateProjection(
                Linear.of("self_attn.q_proj", sizes.width(), sizes.queries(), biased),
                Linear.of("self_attn.k_proj", sizes.width(), sizes.keys(), biased),
                Linear.of("self_attn.v_proj", sizes.width(), sizes.keys(), biased));
        return sizes.attention(
                        config.has("clip_qkv")
                                ? new Clip(config.number("clip_qkv", Range.POSITIVE)).of(projection)
                                : projection,
                        Linear.of("self_attn.o_proj", sizes.queries(), sizes.width(), biased))
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
    }

    /** A norm without tensors: its name says only where it stands. */
    private static LayerNorm norm(String name, Dimensions sizes) {
        return new LayerNorm(name, sizes.width(), EPSILON, false, false);
    }
}
