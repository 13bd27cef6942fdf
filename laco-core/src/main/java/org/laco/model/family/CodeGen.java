package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Linear;
import org.laco.model.block.ValuesBeforeKeys;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** CodeGen: as GPT-J, with queries, values and keys, in this order, of each of four groups by one map. */
final class CodeGen implements Family {
    /** The parts over which the models were spread in training, which no key tells. */
    private static final int GROUPS = 4;

    @Override
    public String name() {
        return "CodeGen";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("codegen");
    }

    @Override
    public String notes() {
        return "CodeGen 1 and 2, CodeGen 2.5 is Llama; not with a head that is tied to the embedding";
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
        checkArgument(
                width % GROUPS == 0,
                "config.json: n_embd is %s, expected a multiple of %s, the groups of queries, values and keys",
                width,
                GROUPS);
        int part = width / GROUPS;
        Linear fused = Linear.of("attn.qkv_proj", width, 3 * width, false);
        return parts.decoder(config, tensors, new ValuesBeforeKeys(new FusedProjection(fused, GROUPS, part, part)));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return LayerKeys.named("n_layer").collapse(config, plan);
    }
}
