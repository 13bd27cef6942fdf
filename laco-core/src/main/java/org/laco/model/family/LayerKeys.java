package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.laco.CollapsePlan;
import org.laco.PlannedLayer;
import org.laco.model.ModelConfig;

/** The keys of a configuration whose values a collapse decides. */
final class LayerKeys {
    /** Keys of lists that have one entry a layer, in any family. */
    private static final ImmutableList<String> PER_LAYER = ImmutableList.of("layer_types", "no_rope_layers");

    private final String count;

    private LayerKeys(String count) {
        this.count = count;
    }

    /** Names the key of the number of layers. */
    static LayerKeys named(String count) {
        return new LayerKeys(count);
    }

    ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = config.with(count, plan.size());
        for (String key : PER_LAYER) {
            if (config.values().get(key) instanceof List<?> list && list.size() == plan.originalSize()) {
                collapsed = collapsed.with(key, pick(list, plan));
            }
        }
        return collapsed;
    }

    private static List<Object> pick(List<?> list, CollapsePlan plan) {
        List<Object> picked = new ArrayList<>();
        for (PlannedLayer layer : plan.layers()) {
            picked.add(list.get(layer.base().index()));
        }
        return picked;
    }
}
