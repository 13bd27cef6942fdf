package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Mamba: one mixer a layer, and nothing else. */
final class MambaModel implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS =
            MambaConfig.defaults().buildOrThrow();

    @Override
    public String name() {
        return "Mamba";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("mamba");
    }

    @Override
    public String notes() {
        return "Mamba, as transformers saves it";
    }

    @Override
    public String prefix() {
        return "backbone.";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        MambaParts parts = MambaParts.read(config, tensors);
        return parts.decoder(MambaConfig.read(config, parts.width()).block(Optional.empty()));
    }
}
