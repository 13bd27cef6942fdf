package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.function.Function;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;

/** Which layers have one feed-forward block and which have experts, by the key {@code mlp_layer_types} or by a number of layers at the bottom. */
final class FeedForwardTypes {
    private static final String KEY = "mlp_layer_types";
    private static final String DENSE = "dense";
    private static final String SPARSE = "sparse";

    private FeedForwardTypes() {}

    /** Reads the type of each layer; where the configuration has no list, so many at the bottom are dense. */
    static ImmutableList<String> read(ModelConfig config, int dense) {
        return LayerTypes.read(config, KEY, ImmutableSet.of(DENSE, SPARSE), i -> i < dense ? DENSE : SPARSE);
    }

    static boolean isDense(String type) {
        return type.equals(DENSE);
    }

    /** Writes the list if the family's rule no longer gives each layer the type that it had. */
    static ModelConfig keep(
            ModelConfig config,
            ModelConfig collapsed,
            CollapsePlan plan,
            Function<ModelConfig, ImmutableList<String>> read) {
        return LayerKeys.keep(KEY, config, collapsed, plan, read);
    }
}
