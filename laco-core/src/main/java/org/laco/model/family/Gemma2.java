package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.OptionalDouble;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Gemma 2: as Gemma with norms before and after both blocks, soft caps of scores and logits, and every other layer sliding. */
final class Gemma2 implements Family {
    private static final OptionalDouble SCORE_CAP = OptionalDouble.of(50);
    private static final OptionalDouble LOGIT_CAP = OptionalDouble.of(30);

    @Override
    public String name() {
        return "Gemma 2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gemma2");
    }

    @Override
    public String notes() {
        return "every other layer slides, so neighbours of a released model can't be merged, only dropped";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        GemmaParts parts = GemmaParts.read(config);
        Dimensions sizes = parts.sizes();
        ImmutableList<String> types = types(config);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(parts.embedding())
                .layers("model.layers.", sizes.layers(), i -> layer(parts, types.get(i)))
                .norm(parts.norm("model.norm"))
                .head(parts.head(LOGIT_CAP))
                .build();
    }

    private static Layer layer(GemmaParts parts, String type) {
        return parts.layer(
                type,
                parts.attention(type, SCORE_CAP)
                        .rotary(RotaryConfig.read(parts.config(), parts.sizes().headSize()))
                        .build());
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return LayerTypes.read(config, i -> i % 2 == 0);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, Gemma2::types);
    }
}
