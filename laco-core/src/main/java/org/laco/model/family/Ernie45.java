package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** ERNIE 4.5, dense: as Llama, neighbouring elements are rotated as pairs. */
final class Ernie45 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 103424)
            .put("hidden_size", 1024)
            .put("intermediate_size", 3072)
            .put("num_hidden_layers", 18)
            .put("num_attention_heads", 16)
            .put("num_key_value_heads", 2)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 500_000.0)
            .put("use_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "ERNIE 4.5";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("ernie4_5");
    }

    @Override
    public String notes() {
        return "the dense models of ERNIE 4.5";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("use_bias", false);
        return parts.decoder(parts.layer(attention(config, sizes, biased), sizes.gated(config, biased)));
    }

    /** Attention in which neighbouring elements are rotated as pairs. */
    static Block attention(ModelConfig config, Dimensions sizes, boolean biased) {
        return sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()).onInterleavedPairs())
                .build();
    }
}
