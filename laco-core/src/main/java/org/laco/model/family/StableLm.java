package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** StableLM: layer norms, a share of each head rotated, gated feed-forward, in some models parallel to attention. */
final class StableLm implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50304)
            .put("hidden_size", 2560)
            .put("intermediate_size", 6912)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 4096)
            .put("layer_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("partial_rotary_factor", 0.25)
            .put("use_qkv_bias", false)
            .put("qk_layernorm", false)
            .put("use_parallel_residual", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "StableLM";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("stablelm");
    }

    @Override
    public String notes() {
        return "StableLM 3B, Zephyr and 2; not those with norms of queries and keys (12B)";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.flag("qk_layernorm", false),
                "config.json: qk_layernorm true is not supported for stablelm, expected false");
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("layer_norm_eps", Range.EPSILON);
        Block attention = sizes.attention(config.flag("use_qkv_bias", false), "o_proj", false)
                .rotary(RotaryConfig.of(config, "rope_theta")
                        .partial("partial_rotary_factor")
                        .rotary(sizes.headSize()))
                .build();
        Block feedForward = sizes.gated(config, false);
        LayerNorm before = LayerNorm.of("input_layernorm", sizes.width(), epsilon);
        Layer layer = config.flag("use_parallel_residual", false)
                ? Layer.of(Residual.of(before, Parallel.of(attention, feedForward)))
                : Layer.of(
                        Residual.of(before, attention),
                        Residual.of(LayerNorm.of("post_attention_layernorm", sizes.width(), epsilon), feedForward));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }
}
