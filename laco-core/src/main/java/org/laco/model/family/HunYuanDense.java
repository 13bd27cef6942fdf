package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Hunyuan, dense: as Llama with norms of each head's queries and keys after they are rotated. */
final class HunYuanDense implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 290943)
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
        return "Hunyuan";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("hunyuan_v1_dense");
    }

    @Override
    public String notes() {
        return "the dense models of Hunyuan, 0.5B to 7B, and Hunyuan-MT";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        return parts.decoder(parts.layer(attention(config, parts), parts.sizes().gated(config, false)));
    }

    /** Attention whose queries and keys are normalised head by head after they are rotated. */
    static Block attention(ModelConfig config, LlamaParts parts) {
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("attention_bias", false);
        return sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.of(config, "rope_theta").stretchedByAlpha().rotary(sizes.headSize()))
                .rotatedQueryKeyNorms(
                        parts.norm("self_attn.query_layernorm", sizes.headSize()),
                        parts.norm("self_attn.key_layernorm", sizes.headSize()))
                .build();
    }
}
