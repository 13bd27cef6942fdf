package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ContiguousSet;
import com.google.common.collect.DiscreteDomain;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.laco.measure.AngularDistances;
import org.laco.plan.CollapsePlan;

/** The plan that leaves layers out, each merged into the nearest one below that stays; by keep-first, unless another rule is asked for. */
final class DroppedLayers {
    private DroppedLayers() {}

    /** Drops layers of the original and records the outcome as one step a span of dropped layers. */
    static CollapsePlan drop(SearchContext context, SearchLog log, Set<Integer> dropped) {
        checkArgument(!dropped.contains(0), "layer 0 can't be dropped: there is none below it to merge it into");
        CollapsePlan plan = context.original();
        check(context, dropped);
        for (Dropped span : spans(plan.size(), dropped)) {
            ImmutableList<CollapsePlan> candidates = context.spans(plan, span.into, span.count);
            plan = context.scores().best(candidates, span.into, span.count, log);
            log.accept(plan, span.into, span.count, context.scores().of(plan));
        }
        return plan;
    }

    /** Refuses what can't be dropped before anything is measured. A plan on the way need not be one that could be written. */
    private static void check(SearchContext context, Set<Integer> dropped) {
        CollapsePlan plan = context.original();
        Optional<String> difference = Optional.empty();
        for (Dropped span : spans(plan.size(), dropped)) {
            plan = context.spans(plan, span.into, span.count).get(0);
            CollapsePlan formed = plan;
            difference = difference.or(() -> context.unformed(formed, span.into));
        }
        CollapsePlan whole = plan;
        difference.or(() -> context.unwritten(whole)).ifPresent(reason -> {
            throw new IllegalArgumentException("layers can't be dropped: " + reason);
        });
    }

    /** Drops as many layers next to one another as the target asks for. */
    static CollapsePlan dropSpan(SearchContext context, SearchLog log, IntUnaryOperator startOfLength) {
        int length = context.layerCount() - context.target();
        if (length == 0) {
            return log.current();
        }
        int start = startOfLength.applyAsInt(length);
        return drop(
                context, log, ContiguousSet.create(Range.closedOpen(start, start + length), DiscreteDomain.integers()));
    }

    /** Finds the span of least distance that leaves layer 0 alone, the lowest of equal ones. */
    static int closest(AngularDistances distances, int layers, int length) {
        return IntStream.rangeClosed(1, layers - length)
                .boxed()
                .min(Comparator.comparing(start -> distances.get(start, length)))
                .orElseThrow();
    }

    /** Refuses a model that has no layer to drop. */
    static void check(int layers) {
        checkArgument(layers >= 2, "a model of one layer has none to drop");
    }

    /** Returns the spans of dropped layers from the top down, so that those below keep their numbers. */
    private static List<Dropped> spans(int layers, Set<Integer> dropped) {
        List<Dropped> spans = new ArrayList<>();
        for (int layer = layers - 1; layer > 0; layer--) {
            int count = 0;
            while (dropped.contains(layer - count)) {
                count++;
            }
            if (count > 0) {
                layer -= count;
                spans.add(new Dropped(layer, count));
            }
        }
        return spans;
    }

    /**
     * A span of dropped layers.
     *
     * @param into the layer below it, which stays
     * @param count the number of layers
     */
    private record Dropped(int into, int count) {}
}
