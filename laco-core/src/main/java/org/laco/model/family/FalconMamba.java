package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.ScanNorms;
import org.laco.model.block.UnitNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Falcon Mamba: Mamba with norms without weights of time steps, writes and reads. */
final class FalconMamba implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS =
            MambaConfig.defaults().put("mixer_rms_eps", 1e-6).buildOrThrow();

    @Override
    public String name() {
        return "Falcon Mamba";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("falcon_mamba");
    }

    @Override
    public String notes() {
        return "Falcon Mamba 7B and its likes";
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
        MambaConfig mixer = MambaConfig.read(config, parts.width());
        double epsilon = config.number("mixer_rms_eps", Range.EPSILON);
        Block norm = new UnitNorm(mixer.states(), epsilon);
        return parts.decoder(mixer.block(Optional.of(new ScanNorms(new UnitNorm(mixer.rank(), epsilon), norm, norm))));
    }
}
