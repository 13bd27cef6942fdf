package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Youtu: latent attention as in DeepSeek-V3, and one feed-forward block in every layer. */
final class Youtu implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 128256)
            .put("hidden_size", 2048)
            .put("intermediate_size", 6144)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 16)
            .put("num_key_value_heads", 16)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 10_000.0)
            .put("rope_interleave", true)
            .put("attention_bias", false)
            .put("kv_lora_rank", 512)
            .put("q_lora_rank", 1536)
            .put("qk_nope_head_dim", 128)
            .put("qk_rope_head_dim", 64)
            .put("v_head_dim", 128)
            .buildOrThrow();

    @Override
    public String name() {
        return "Youtu";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("youtu");
    }

    @Override
    public String notes() {
        return "Youtu-LLM 2B";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = DeepSeekParts.sizes(config);
        LlamaParts parts =
                new LlamaParts(sizes, config.number("rms_norm_eps", Range.EPSILON), Heads.read(config, tensors));
        return parts.decoder(parts.layer(DeepSeekParts.attention(config, sizes), sizes.gated(config, false)));
    }
}
