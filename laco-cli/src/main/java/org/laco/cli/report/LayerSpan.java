package org.laco.cli.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.stream.Collectors;
import org.laco.stack.LayerCompatibility;
import org.laco.stack.LayerStack;

/**
 * Neighbouring layers that may all be merged with one another.
 *
 * @param first the lowest layer
 * @param last the highest layer
 * @param properties what kind of layers they are, where a model has several kinds
 */
record LayerSpan(int first, int last, ImmutableMap<String, String> properties) {
    /** Divides a model's layers into the longest runs. */
    static ImmutableList<LayerSpan> of(LayerStack stack) {
        ImmutableList.Builder<LayerSpan> runs = ImmutableList.builder();
        int first = 0;
        for (int layer = 1; layer <= stack.layerCount(); layer++) {
            if (layer == stack.layerCount()
                    || LayerCompatibility.difference(stack, first, layer).isPresent()) {
                runs.add(new LayerSpan(first, layer - 1, stack.properties(first)));
                first = layer;
            }
        }
        return runs.build();
    }

    @Override
    public String toString() {
        String layers = first == last ? Integer.toString(first) : first + "-" + last;
        return properties.isEmpty()
                ? layers
                : layers
                        + properties.entrySet().stream()
                                .map(property -> property.getKey() + " " + property.getValue())
                                .collect(Collectors.joining(", ", " (", ")"));
    }
}
