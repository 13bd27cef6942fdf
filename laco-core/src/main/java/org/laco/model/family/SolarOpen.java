package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Solar Open: as Llama with the experts of DeepSeek-V3 in every layer. */
final class SolarOpen implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 196608)
            .put("hidden_size", 4096)
            .put("num_hidden_layers", 48)
            .put("num_attention_heads", 64)
            .put("num_key_value_heads", 8)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 1_000_000.0)
            .put("attention_bias", false)
            .put("moe_intermediate_size", 1280)
            .put("num_experts_per_tok", 8)
            .put("n_shared_experts", 1)
            .put("n_routed_experts", 128)
            .put("routed_scaling_factor", 1.0)
            .put("n_group", 1)
            .put("topk_group", 1)
            .put("norm_topk_prob", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "Solar Open";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("solar_open");
    }

    @Override
    public String notes() {
        return "Solar Open 100B; experts and routers merge one by one";
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
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        return parts.decoder(parts.layer(attention, DeepSeekParts.correctedMixture(config, sizes)));
    }
}
