package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Rotary;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Granite 4: Granite's multipliers, layers of Mamba 2 and of attention, and experts beside a feed-forward block, or that alone. */
final class GraniteHybrid implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = GraniteParts.mixtureDefaults()
            .put("shared_intermediate_size", 1024)
            .put("mamba_n_heads", 128)
            .put("mamba_n_groups", 1)
            .put("mamba_d_state", 256)
            .put("mamba_d_conv", 4)
            .put("mamba_expand", 2)
            .put("mamba_conv_bias", true)
            .put("mamba_proj_bias", false)
            .put("time_step_limit", Mamba2Config.NO_LIMITS)
            .buildOrThrow();

    @Override
    public String name() {
        return "Granite 4";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("granitemoehybrid");
    }

    @Override
    public String notes() {
        return "with and without experts; layers of Mamba 2 and of attention are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        GraniteParts parts = GraniteParts.read(config, tensors);
        ImmutableList<String> types = types(config);
        Block attention = attention(config, parts);
        Block feedForward = parts.sharedWithExperts();
        return parts.decoder(i -> {
            Block mixer = types.get(i).equals(LayerTypes.FULL)
                    ? attention
                    : Mamba2Config.expanded(config, parts.sizes().width()).block();
            return LayerTypes.markMixer(parts.layer(mixer, feedForward), types.get(i));
        });
    }

    private static Block attention(ModelConfig config, GraniteParts parts) {
        Attention.Builder attention = parts.attention();
        Rotary rotary = RotaryConfig.read(config, parts.sizes().headSize());
        if (config.string("position_embedding_type", "").equals("rope")) {
            attention.rotary(rotary);
        }
        return attention.build();
    }

    /** The type of each layer, Mamba 2 where the configuration has no list. */
    private static ImmutableList<String> types(ModelConfig config) {
        return LayerTypes.read(config, ImmutableSet.of(LayerTypes.LINEAR, LayerTypes.FULL), i -> LayerTypes.LINEAR);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return LayerKeys.named("num_hidden_layers").collapse(config, plan);
    }
}
