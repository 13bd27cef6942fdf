package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.plan.PlannedLayer;

/** The keys of a configuration whose values a collapse decides. */
final class LayerKeys {
    /** Granite's bases of rotary positions. */
    static final String ROTARY_BASES = "layer_rope_theta";

    /** Keys of lists that have one entry a layer, in any family. */
    private static final ImmutableList<String> PER_LAYER =
            ImmutableList.of("layer_types", "mlp_layer_types", "attn_type_list", "no_rope_layers", ROTARY_BASES);

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

    /** Takes the entry of each planned layer's base from a list that has one entry for each original layer. */
    static <T> ImmutableList<T> pick(List<T> list, CollapsePlan plan) {
        ImmutableList.Builder<T> picked = ImmutableList.builder();
        for (PlannedLayer layer : plan.layers()) {
            picked.add(list.get(layer.base().index()));
        }
        return picked.build();
    }

    /** Renumbers a list of layer numbers: a planned layer is in it if its base was. */
    static ImmutableList<Integer> renumber(List<Integer> numbers, CollapsePlan plan) {
        List<Integer> renumbered = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            if (numbers.contains(plan.layers().get(i).base().index())) {
                renumbered.add(i);
            }
        }
        return ImmutableList.copyOf(renumbered);
    }

    /**
     * Writes a list explicitly if the rule by which a family makes it from other keys no longer gives what the planned layers had.
     *
     * @param key the list's key
     * @param read how the family reads the list, explicit or by its rule
     */
    static <T> ModelConfig keep(
            String key,
            ModelConfig original,
            ModelConfig collapsed,
            CollapsePlan plan,
            Function<ModelConfig, ImmutableList<T>> read) {
        ImmutableList<T> wanted = pick(read.apply(original), plan);
        return read.apply(collapsed).equals(wanted) ? collapsed : collapsed.with(key, wanted);
    }
}
