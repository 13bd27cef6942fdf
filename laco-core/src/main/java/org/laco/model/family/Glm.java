package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** GLM 4 of 2024: as Llama, half of each head is rotated, in neighbouring pairs, and gate and up are one map. */
final class Glm implements Family {
    /** What transformers takes for a key that a configuration of either generation hasn't. */
    static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 151552)
            .put("hidden_size", 4096)
            .put("intermediate_size", 13696)
            .put("num_hidden_layers", 40)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 2)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1.5625e-7)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", true)
            .put("partial_rotary_factor", 0.5)
            .buildOrThrow();

    @Override
    public String name() {
        return "GLM 4 (2024)";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("glm");
    }

    @Override
    public String notes() {
        return "GLM-4 9B, GLM-Edge";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        return parts.decoder(
                parts.layer(attention(config, parts.sizes()), parts.sizes().fusedGated(config)));
    }

    /** Attention of both generations. */
    static Block attention(ModelConfig config, Dimensions sizes) {
        return sizes.attention(config.flag("attention_bias", false), "o_proj", false)
                .rotary(RotaryConfig.of(config, "rope_theta")
                        .partial("partial_rotary_factor")
                        .rotary(sizes.headSize())
                        .onInterleavedPairs())
                .build();
    }
}
