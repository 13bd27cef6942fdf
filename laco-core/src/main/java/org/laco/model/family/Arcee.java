package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Arcee: as Llama with a feed-forward block of squared ReLU, without a gate. */
final class Arcee implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 32000)
            .put("hidden_size", 2560)
            .put("intermediate_size", 18432)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("hidden_act", "relu2")
            .put("max_position_embeddings", 4096)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Arcee";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("arcee");
    }

    @Override
    public String notes() {
        return "AFM 4.5B; not Trinity, which has experts";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("attention_bias", false);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        return parts.decoder(parts.layer(attention, sizes.ungated(config, config.flag("mlp_bias", false))));
    }
}
