package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** InternLM 3: Llama with names of its own for the keys of biases. */
final class InternLm3 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 128512)
            .put("hidden_size", 4096)
            .put("intermediate_size", 10240)
            .put("num_hidden_layers", 48)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 2)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 32768)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "InternLM 3";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("internlm3");
    }

    @Override
    public String notes() {
        return "InternLM 3; not InternLM 1 and 2";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("qkv_bias", config.flag("attention_bias", false));
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        boolean mlpBiased = config.flag("bias", config.flag("mlp_bias", false));
        return parts.decoder(parts.layer(attention, sizes.gated(config, mlpBiased)));
    }
}
