package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Granite 3 with experts: as Granite, with experts in stacks in the place of the feed-forward block. */
final class GraniteMoe implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS =
            GraniteParts.mixtureDefaults().buildOrThrow();

    /** Those of the models with a shared expert. */
    private static final ImmutableMap<String, Object> SHARED_DEFAULTS =
            GraniteParts.mixtureDefaults().put("shared_intermediate_size", 0).buildOrThrow();

    private final boolean shared;

    GraniteMoe() {
        this(false);
    }

    private GraniteMoe(boolean shared) {
        this.shared = shared;
    }

    /** The models in which every token goes through one more expert. */
    static Family withSharedExpert() {
        return new FamilyVariant(
                new GraniteMoe(true),
                "Granite MoE (shared)",
                ImmutableSet.of("granitemoeshared"),
                "Granite with experts and a shared one",
                SHARED_DEFAULTS);
    }

    @Override
    public String name() {
        return "Granite MoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("granitemoe");
    }

    @Override
    public String notes() {
        return "the models of Granite 3 with experts, 1B and 3B";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        GraniteParts parts = GraniteParts.read(config, tensors);
        Block attention = parts.attention()
                .rotary(RotaryConfig.read(config, parts.sizes().headSize()))
                .build();
        Layer layer = parts.layer(
                attention, shared ? parts.sharedExperts(GraniteParts.ExpertNames.usual()) : parts.experts());
        return parts.decoder(i -> layer);
    }
}
