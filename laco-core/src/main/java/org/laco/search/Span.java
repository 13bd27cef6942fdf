package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Function;
import org.laco.merge.MergeRule;
import org.laco.plan.CollapsePlan;
import org.laco.plan.MergedLayer;
import org.laco.plan.PlannedLayer;

/**
 * A span of layers of the original model, merged.
 *
 * @param layer its lowest layer
 * @param merged the number of layers merged into that
 * @param planned the merged layer, without a fit
 * @param loss by how much the objective falls when this span alone is merged
 * @param fitted whether that is its loss after a fit, which is the lesser one
 */
record Span(int layer, int merged, MergedLayer planned, double loss, boolean fitted) {
    /** Orders spans from the bottom up, and from the shortest up. */
    static final Comparator<Span> FROM_BELOW =
            Comparator.comparingInt(Span::layer).thenComparingInt(Span::merged);

    /** Makes a span that isn't fitted. */
    Span(int layer, int merged, MergedLayer planned, double loss) {
        this(layer, merged, planned, loss, false);
    }

    /** Returns this span after a fit, or as it is if the fit loses more. */
    Span after(double fittedLoss) {
        return fittedLoss < loss ? new Span(layer, merged, planned, fittedLoss, true) : this;
    }

    /** Returns the plan that merges this span alone. */
    CollapsePlan alone(CollapsePlan original) {
        return original.replace(layer, merged, planned);
    }

    /** Returns the rule by which all spans are merged, empty if they differ in it. */
    static Optional<MergeRule> commonRule(ImmutableList<Span> spans) {
        MergeRule first = spans.get(0).planned().rule();
        return spans.stream().allMatch(span -> span.planned().rule().equals(first))
                ? Optional.of(first)
                : Optional.empty();
    }

    /** Applies spans that don't overlap, given from the bottom up. */
    static CollapsePlan plan(CollapsePlan original, ImmutableList<Span> spans) {
        return plan(original, spans, Span::planned);
    }

    /** Applies spans as layers of one's choice. */
    static CollapsePlan plan(
            CollapsePlan original, ImmutableList<Span> spans, Function<Span, ? extends PlannedLayer> layers) {
        CollapsePlan plan = original;
        for (Span span : Lists.reverse(spans)) {
            plan = plan.replace(span.layer(), span.merged(), layers.apply(span));
        }
        return plan;
    }
}
