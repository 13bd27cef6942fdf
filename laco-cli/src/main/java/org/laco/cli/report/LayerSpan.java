package org.laco.cli.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
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

    /** Groups runs whose layers are of one kind, where others lie between them. */
    static ImmutableList<ImmutableList<LayerSpan>> atADistance(LayerStack stack) {
        List<List<LayerSpan>> kinds = new ArrayList<>();
        for (LayerSpan run : of(stack)) {
            kinds.stream()
                    .filter(kind -> LayerCompatibility.difference(stack, kind.get(0).first, run.first)
                            .isEmpty())
                    .findFirst()
                    .orElseGet(() -> {
                        kinds.add(new ArrayList<>());
                        return kinds.get(kinds.size() - 1);
                    })
                    .add(run);
        }
        return kinds.stream()
                .filter(kind -> kind.size() > 1)
                .map(ImmutableList::copyOf)
                .collect(ImmutableList.toImmutableList());
    }

    /** The numbers of the layers. */
    String range() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }

    @Override
    public String toString() {
        return properties.isEmpty()
                ? range()
                : range()
                        + properties.entrySet().stream()
                                .map(property -> property.getKey() + " " + property.getValue())
                                .collect(Collectors.joining(", ", " (", ")"));
    }
}
