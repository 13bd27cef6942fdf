package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.Optional;
import org.laco.merge.MergeRule;
import org.laco.plan.CollapsePlan;
import org.laco.plan.MergedLayer;

/**
 * A span of layers of the original model, merged.
 *
 * @param layer its lowest layer
 * @param merged the number of layers merged into that
 * @param planned the merged layer, without a fit
 * @param loss by how much the objective falls when this span alone is merged
 */
record Span(int layer, int merged, MergedLayer planned, double loss) {
    /** Returns the rule by which all spans are merged, empty if they differ in it. */
    static Optional<MergeRule> commonRule(ImmutableList<Span> spans) {
        MergeRule first = spans.get(0).planned().rule();
        return spans.stream().allMatch(span -> span.planned().rule().equals(first))
                ? Optional.of(first)
                : Optional.empty();
    }

    /** Applies spans that don't overlap, given from the bottom up. */
    static CollapsePlan plan(CollapsePlan original, ImmutableList<Span> spans) {
        CollapsePlan plan = original;
        for (Span span : Lists.reverse(spans)) {
            plan = plan.replace(span.layer(), span.merged(), span.planned());
        }
        return plan;
    }
}
