package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.Optional;
import org.laco.merge.MergeRule;
import org.laco.plan.CollapsePlan;
import org.laco.plan.MergedLayer;

/**
 * A run of layers of the original model, merged.
 *
 * @param layer its lowest layer
 * @param merged the number of layers merged into that
 * @param planned the merged layer, without a fit
 * @param loss by how much the objective falls when this run alone is merged
 */
record Span(int layer, int merged, MergedLayer planned, double loss) {
    /** Returns the rule by which all runs are merged, empty if they differ in it. */
    static Optional<MergeRule> commonRule(ImmutableList<Span> runs) {
        MergeRule first = runs.get(0).planned().rule();
        return runs.stream().allMatch(run -> run.planned().rule().equals(first))
                ? Optional.of(first)
                : Optional.empty();
    }

    /** Applies runs that don't overlap, given from the bottom up. */
    static CollapsePlan plan(CollapsePlan original, ImmutableList<Span> runs) {
        CollapsePlan plan = original;
        for (Span run : Lists.reverse(runs)) {
            plan = plan.replace(run.layer(), run.merged(), run.planned());
        }
        return plan;
    }
}
