package org.laco.stack;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Sets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.laco.base.Internal;
import org.laco.plan.FittedLayer;
import org.laco.plan.MergedLayer;
import org.laco.plan.PlannedLayer;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorRole;

/**
 * Returns which layers may be merged with one another: those of equal properties, tensor names, types and shapes. Any layers may be
 * left out.
 */
@Internal
public final class LayerCompatibility {
    private LayerCompatibility() {}

    /**
     * Finds what keeps two layers from being merged.
     *
     * @param stack the original model
     * @param one a layer
     * @param other another layer
     * @return a sentence that names both layers and the differing property, or empty if they may be merged
     */
    public static Optional<String> difference(LayerStack stack, int one, int other) {
        ImmutableMap<String, String> left = stack.properties(one);
        ImmutableMap<String, String> right = stack.properties(other);
        for (String property : Sets.union(left.keySet(), right.keySet())) {
            if (!Objects.equals(left.get(property), right.get(property))) {
                return Optional.of(String.format(
                        "layers %d and %d differ in %s: %s and %s",
                        one, other, property, left.get(property), right.get(property)));
            }
        }
        return tensorDifference(stack, one, other);
    }

    /**
     * Finds what keeps the layers of a plan's merges from being merged; those that are left out don't matter.
     *
     * @param stack the original model
     * @param layer a planned layer
     * @return a sentence that names two layers and the differing property, or empty if the layer may be formed
     */
    public static Optional<String> difference(LayerStack stack, PlannedLayer layer) {
        if (layer instanceof FittedLayer fitted) {
            return difference(stack, fitted.layer());
        }
        if (!(layer instanceof MergedLayer merged)) {
            return Optional.empty();
        }
        if (merged.dropsOthers()) {
            PlannedLayer first = merged.parts().get(0);
            return difference(stack, first)
                    .or(() -> reasonToStay(
                            stack,
                            merged.sources()
                                    .subList(
                                            first.sources().size(),
                                            merged.sources().size())));
        }
        int base = merged.base().index();
        return merged.parts().stream()
                .map(part -> part.base().index() == base
                        ? difference(stack, part)
                        : difference(stack, base, part.base().index()).or(() -> difference(stack, part)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> reasonToStay(LayerStack stack, List<Integer> layers) {
        return layers.stream()
                .map(layer ->
                        stack.reasonToStay(layer).map(reason -> "layer " + layer + " can't be left out: " + reason))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> tensorDifference(LayerStack stack, int one, int other) {
        ImmutableMap<String, LayerTensor> left = stack.tensors(one);
        ImmutableMap<String, LayerTensor> right = stack.tensors(other);
        for (String name : ImmutableSortedSet.copyOf(Sets.union(left.keySet(), right.keySet()))) {
            String inLeft = describe(left.get(name));
            String inRight = describe(right.get(name));
            if (!inLeft.equals(inRight)) {
                return Optional.of(String.format(
                        "layers %d and %d differ in tensor %s: %s and %s", one, other, name, inLeft, inRight));
            }
        }
        return Optional.empty();
    }

    private static String describe(LayerTensor tensor) {
        if (tensor == null) {
            return "absent";
        }
        if (tensor.role() == TensorRole.BUFFER) {
            return "present";
        }
        StoredTensor stored = tensor.tensor();
        return stored.storedType() + Arrays.toString(stored.shape());
    }
}
