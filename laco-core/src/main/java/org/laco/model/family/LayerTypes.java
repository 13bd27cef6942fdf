package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.laco.model.block.Attention;
import org.laco.model.block.Layer;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;

/** How each layer looks at positions, at all of them, at a window or by a recurrence, by the key {@code layer_types} or by a rule of the family. */
final class LayerTypes {
    static final String FULL = "full_attention";
    static final String SLIDING = "sliding_attention";
    static final String LINEAR = "linear_attention";
    static final String CONVOLUTION = "conv";
    private static final String KEY = "layer_types";

    /** Names that files of before transformers 5 have. */
    private static final ImmutableMap<String, String> OLDER = ImmutableMap.of("mamba", LINEAR, "attention", FULL);

    private LayerTypes() {}

    /** Reads the type of each layer; the rule names the layers that slide where the configuration has no list. */
    static ImmutableList<String> read(ModelConfig config, IntPredicate slides) {
        return read(config, ImmutableSet.of(FULL, SLIDING), i -> slides.test(i) ? SLIDING : FULL);
    }

    /** Reads the type of each layer, one of those that are known; the rule gives it where the configuration has no list. */
    static ImmutableList<String> read(ModelConfig config, ImmutableSet<String> known, IntFunction<String> rule) {
        return read(config, KEY, known, rule);
    }

    /** Reads a list of types of another key in this way. */
    static ImmutableList<String> read(
            ModelConfig config, String key, ImmutableSet<String> known, IntFunction<String> rule) {
        int layers = Dimensions.layers(config);
        if (!config.has(key)) {
            return IntStream.range(0, layers).mapToObj(rule).collect(ImmutableList.toImmutableList());
        }
        ImmutableList<String> types = read(config, key, known);
        checkArgument(
                types.size() == layers,
                "config.json: %s has %s entries, expected one for each of the %s layers",
                key,
                types.size(),
                layers);
        return types;
    }

    /** Reads a list of types, each one of those that are known, by the names that transformers 5 gives them. */
    static ImmutableList<String> read(ModelConfig config, String key, ImmutableSet<String> known) {
        ImmutableList<String> types = config.strings(key).stream()
                .map(type -> OLDER.getOrDefault(type, type))
                .collect(ImmutableList.toImmutableList());
        for (String type : types) {
            checkArgument(
                    known.contains(type),
                    "config.json: %s holds %s, expected %s",
                    key,
                    type,
                    String.join(" or ", known));
        }
        return types;
    }

    /** Names all layers but each whose number, counted from 1, is a multiple of the period that a key gives. */
    static IntPredicate allButEach(ModelConfig config, String key) {
        int period = config.integer(key, Range.COUNT);
        return i -> (i + 1) % period != 0;
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

    /** Marks a layer with how it mixes positions, where that isn't by attention in all layers. */
    static Layer markMixer(Layer layer, String type) {
        return layer.with("mixer", type);
    }
}
