package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.block.Linear;
import org.laco.model.block.SeparateProjection;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** GPT-J: one layer norm feeds attention and a plain feed-forward block, interleaved pairs are rotated, the head has a bias. */
final class GptJ implements Family {
    @Override
    public String name() {
        return "GPT-J";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gptj");
    }

    @Override
    public String notes() {
        return "GPT-J, GPT4All-J, Dolly 1; not with a head that is tied to the embedding";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return GptJParts.DEFAULTS;
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return GptJParts.SYNONYMS;
    }

    @Override
    public String prefix() {
        return GptJParts.PREFIX;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        GptJParts parts = GptJParts.read(config);
        int width = parts.width();
        return parts.decoder(
                config,
                tensors,
                new SeparateProjection(
                        Linear.of("attn.q_proj", width, width, false),
                        Linear.of("attn.k_proj", width, width, false),
                        Linear.of("attn.v_proj", width, width, false)));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return LayerKeys.named("n_layer").collapse(config, plan);
    }
}
