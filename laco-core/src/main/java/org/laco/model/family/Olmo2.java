package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
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
        LlamaParts parts = LlamaParts.read(config, tensors);
        return parts.decoder(
                parts.layerNormedAfter(attention(config, parts), parts.sizes().gated(config, false)));
    }

    /** Attention whose queries and keys are normalised over all heads together. */
    static Block attention(ModelConfig config, LlamaParts parts) {
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("attention_bias", false);
        return sizes.attention(biased, "o_proj", biased)
                .queryKeyNorms(
                        parts.norm("self_attn.q_norm", sizes.queries()), parts.norm("self_attn.k_norm", sizes.keys()))
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
    }
}
