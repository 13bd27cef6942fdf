package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.laco.model.block.Attention;
import org.laco.model.block.Layer;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;

/** Which layers attend to all positions and which to a window, by the key {@code layer_types} or by a rule of the family. */
final class LayerTypes {
    static final String FULL = "full_attention";
    static final String SLIDING = "sliding_attention";
    private static final String KEY = "layer_types";

    private LayerTypes() {}

    /** Reads the type of each layer; the rule names the layers that slide where the configuration has no list. */
    static ImmutableList<String> read(ModelConfig config, IntPredicate slides) {
        int layers = Dimensions.layers(config);
        if (!config.has(KEY)) {
            return IntStream.range(0, layers)
                    .mapToObj(i -> slides.test(i) ? SLIDING : FULL)
                    .collect(ImmutableList.toImmutableList());
        }
        ImmutableList<String> types = config.strings(KEY);
        checkArgument(
                types.size() == layers,
                "config.json: %s has %s entries, expected one for each of the %s layers",
                KEY,
                types.size(),
                layers);
        for (String type : types) {
            checkArgument(
                    ImmutableSet.of(FULL, SLIDING).contains(type),
                    "config.json: %s holds %s, expected %s or %s",
                    KEY,
                    type,
                    FULL,
                    SLIDING);
        }
        return types;
    }

    /** Writes the list if the family's rule no longer gives each layer the type that it had. */
    static ModelConfig keep(
            ModelConfig config,
            ModelConfig collapsed,
            CollapsePlan plan,
            Function<ModelConfig, ImmutableList<String>> read) {
        return LayerKeys.keep(KEY, config, collapsed, plan, read);
    }

    /** Gives the attention of a sliding layer its window. */
    static Attention.Builder window(Attention.Builder attention, String type, ModelConfig config) {
        return type.equals(SLIDING) ? attention.window(config.integer("sliding_window", Range.POSITIONS)) : attention;
    }

    /** Gives the attention of every layer a window if the configuration has one. */
    static Attention.Builder window(Attention.Builder attention, ModelConfig config) {
        return config.has("sliding_window") ? window(attention, SLIDING, config) : attention;
    }

    /** Marks a layer with its type, so that layers of different types don't merge. */
    static Layer mark(Layer layer, String type) {
        return layer.with("attention", type.equals(SLIDING) ? "sliding" : "full");
    }
}
