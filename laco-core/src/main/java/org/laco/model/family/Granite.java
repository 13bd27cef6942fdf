package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Granite 3, dense: as Llama with multipliers of embeddings, scores, residual branches and logits. */
final class Granite implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS =
            GraniteParts.defaults().put("mlp_bias", false).buildOrThrow();

    @Override
    public String name() {
        return "Granite";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("granite");
    }

    @Override
    public String notes() {
        return "the dense models of Granite 3";
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
        Layer layer = parts.layer(attention, parts.sizes().gated(config, config.flag("mlp_bias", false)));
        return parts.decoder(i -> layer);
    }
}
