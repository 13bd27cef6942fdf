package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/**
 * Other model types that are computed as a family's, with defaults of their own.
 *
 * @param base the family that defines them
 * @param name their name
 * @param modelTypes the types
 * @param notes what people should know about them
 * @param defaults what their configurations mean by an absent key
 */
record FamilyVariant(
        Family base, String name, ImmutableSet<String> modelTypes, String notes, ImmutableMap<String, Object> defaults)
        implements Family {
    @Override
    public String prefix() {
        return base.prefix();
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return base.synonyms();
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        return base.define(config, tensors);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return base.collapse(config, plan);
    }
}
