package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Decoder;
import org.laco.model.block.QueryGrowth;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Ministral 3: as Mistral with YaRN, and queries grow with the logarithm of their position. */
final class Ministral3 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 131072)
            .put("hidden_size", 4096)
            .put("intermediate_size", 14336)
            .put("num_hidden_layers", 34)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 8)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 262144)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 1_000_000.0)
            .buildOrThrow();

    @Override
    public String name() {
        return "Ministral 3";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("ministral3");
    }

    @Override
    public String notes() {
        return "Ministral 3, 3B to 14B; the window, if there is one, applies to all layers";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    /** What transformers takes if a configuration says nothing of positions. */
    private static final ModelConfig POSITIONS = ModelConfig.of(ImmutableMap.<String, Object>builder()
            .put("rope_type", "yarn")
            .put("rope_theta", 1_000_000.0)
            .put("factor", 16.0)
            .put("original_max_position_embeddings", 16384)
            .put("mscale", 1.0)
            .put("mscale_all_dim", 1.0)
            .put("llama_4_scaling_beta", 0.1)
            .buildOrThrow());

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        ModelConfig positions = RotaryConfig.parameters(config, POSITIONS);
        Attention.Builder attention = LayerTypes.window(sizes.attention(false, "o_proj", false), config)
                .rotary(RotaryConfig.of(config, positions, "rope_theta").rotary(sizes.headSize()));
        double growth = positions.number("llama_4_scaling_beta", Range.atLeast(0), 0);
        if (growth > 0) {
            attention.queryGrowth(
                    new QueryGrowth(growth, positions.integer("original_max_position_embeddings", Range.POSITIONS), 0));
        }
        return parts.decoder(parts.layer(attention.build(), sizes.gated(config, false)));
    }
}
