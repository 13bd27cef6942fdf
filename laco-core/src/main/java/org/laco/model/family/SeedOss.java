package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Seed-OSS: as Llama with biases of queries, keys and values. */
final class SeedOss implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 155136)
            .put("hidden_size", 4096)
            .put("intermediate_size", 27648)
            .put("num_hidden_layers", 64)
            .put("num_attention_heads", 80)
            .put("num_key_value_heads", 8)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 524288)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", true)
            .put("attention_out_bias", false)
            .put("mlp_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Seed-OSS";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("seed_oss");
    }

    @Override
    public String notes() {
        return "Seed-OSS 36B";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        Block attention = sizes.attention(
                        config.flag("attention_bias", false), "o_proj", config.flag("attention_out_bias", false))
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        return parts.decoder(parts.layer(attention, sizes.gated(config, config.flag("mlp_bias", false))));
    }
}
