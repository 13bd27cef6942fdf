package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import org.laco.CollapsePlan;
import org.laco.PlannedLayer;

/**
 * A run of layers of the original model, merged.
 *
 * @param layer its lowest layer
 * @param merged the number of layers merged into that
 * @param planned the merged layer, without a fit
 * @param loss by how much the objective falls when this run alone is merged
 */
record Run(int layer, int merged, PlannedLayer planned, double loss) {
    /** Applies runs that don't overlap, given from the bottom up. */
    static CollapsePlan plan(CollapsePlan original, ImmutableList<Run> runs) {
        CollapsePlan plan = original;
        for (Run run : Lists.reverse(runs)) {
            plan = plan.replace(run.layer(), run.merged(), run.planned());
        }
        return plan;
    }
}
