package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Rotary;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Code World Model: as Llama 3, and three of four layers attend to a window. */
final class Cwm implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 128256)
            .put("hidden_size", 6144)
            .put("intermediate_size", 21504)
            .put("num_hidden_layers", 64)
            .put("num_attention_heads", 48)
            .put("num_key_value_heads", 8)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 1_000_000.0)
            .put("mlp_bias", false)
            .put("sliding_window", 8192)
            .buildOrThrow();

    @Override
    public String name() {
        return "Code World Model";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("cwm");
    }

    @Override
    public String notes() {
        return "CWM 32B; sliding and full layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    /** What transformers takes if a configuration says nothing of positions. */
    private static final ModelConfig POSITIONS = ModelConfig.of(ImmutableMap.<String, Object>builder()
            .put("rope_type", "llama3")
            .put("rope_theta", 1_000_000.0)
            .put("factor", 16.0)
            .put("low_freq_factor", 1.0)
            .put("high_freq_factor", 4.0)
            .put("original_max_position_embeddings", 8192)
            .buildOrThrow());

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        Rotary rotary = RotaryConfig.of(config, RotaryConfig.parameters(config, POSITIONS), "rope_theta")
                .rotary(sizes.headSize());
        Block feedForward = sizes.gated(config, config.flag("mlp_bias", false));
        ImmutableList<String> types = types(config);
        return parts.decoder(i -> {
            Block attention = LayerTypes.window(sizes.attention(false, "o_proj", false), types.get(i), config)
                    .rotary(rotary)
                    .build();
            return LayerTypes.mark(parts.layer(attention, feedForward), types.get(i));
        });
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return LayerTypes.read(config, i -> i % 4 != 0);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, Cwm::types);
    }
}
