package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Helium: as Llama, neighbouring elements are rotated as pairs. */
final class Helium implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 48000)
            .put("hidden_size", 2560)
            .put("intermediate_size", 7040)
            .put("num_hidden_layers", 24)
            .put("num_attention_heads", 20)
            .put("num_key_value_heads", 20)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 4096)
            .put("rms_norm_eps", 1e-8)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 100_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Helium";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("helium");
    }

    @Override
    public String notes() {
        return "Helium 1";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        Block attention = sizes.attention(config.flag("attention_bias", false), "o_proj", false)
                .rotary(RotaryConfig.read(config, sizes.headSize()).onInterleavedPairs())
                .build();
        return parts.decoder(parts.layer(attention, sizes.gated(config, config.flag("mlp_bias", false))));
    }
}
