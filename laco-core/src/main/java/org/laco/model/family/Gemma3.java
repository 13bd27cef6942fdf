package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.OptionalDouble;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Rotary;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Gemma 3, text only: as Gemma 2 without caps, with norms of queries and keys, and rotary positions that differ by layer type. */
final class Gemma3 implements Family {
    private static final int DEFAULT_PERIOD = 6;
    private static final double FULL_THETA = 1_000_000;
    private static final double SLIDING_THETA = 10_000;

    @Override
    public String name() {
        return "Gemma 3 (text)";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gemma3_text");
    }

    @Override
    public String notes() {
        return "text models only; every sixth layer of a released model is full, the others slide and merge with one another";
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
                .head(parts.head(OptionalDouble.empty()))
                .build();
    }

    private static Layer layer(GemmaParts parts, String type) {
        int size = parts.sizes().headSize();
        return parts.layer(
                type,
                parts.attention(type, OptionalDouble.empty())
                        .queryKeyNorms(parts.norm("self_attn.q_norm", size), parts.norm("self_attn.k_norm", size))
                        .rotary(rotary(parts.config(), type, size))
                        .build());
    }

    /** The older style has one base a type and scales only the full layers; the newer one has parameters a type. */
    private static Rotary rotary(ModelConfig config, String type, int size) {
        boolean full = type.equals(LayerTypes.FULL);
        double theta =
                full ? config.number("rope_theta", FULL_THETA) : config.number("rope_local_base_freq", SLIDING_THETA);
        ModelConfig none = ModelConfig.of(ImmutableMap.of());
        ModelConfig parameters = RotaryConfig.parameters(config);
        if (config.has("rope_parameters")) {
            return RotaryConfig.of(config, parameters.has(type) ? parameters.object(type) : none, theta)
                    .rotary(size);
        }
        return RotaryConfig.of(config, full ? parameters : none, theta).rotary(size);
    }

    private static ImmutableList<String> types(ModelConfig config) {
        int period = config.integer("sliding_window_pattern", DEFAULT_PERIOD);
        return LayerTypes.read(config, i -> (i + 1) % period != 0);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, Gemma3::types);
    }
}
