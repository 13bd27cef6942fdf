package org.laco.search;

import static java.util.Objects.requireNonNull;

import java.util.OptionalDouble;
import org.laco.plan.CollapsePlan;

/**
 * What a search found.
 *
 * @param plan the plan
 * @param fitted whether its merged layers are fitted already, if that was asked for
 * @param threshold the score that each accepted plan, this one included, exceeds; empty if the search decides otherwise
 */
public record Found(CollapsePlan plan, boolean fitted, OptionalDouble threshold) {
    /** Checks that nothing is null. */
    public Found {
        requireNonNull(plan, "plan");
        requireNonNull(threshold, "threshold");
    }

    /**
     * Returns a plan whose layers are as they were merged.
     *
     * @param plan the plan
     * @return what was found
     */
    public static Found merged(CollapsePlan plan) {
        return new Found(plan, false, OptionalDouble.empty());
    }

    /**
     * Returns a plan each of whose merges was accepted above a threshold.
     *
     * @param plan the plan
     * @param threshold the threshold
     * @return what was found
     */
    public static Found above(CollapsePlan plan, double threshold) {
        return new Found(plan, false, OptionalDouble.of(threshold));
    }

    /**
     * Returns a plan that is fitted already.
     *
     * @param plan the plan
     * @return what was found
     */
    public static Found fitted(CollapsePlan plan) {
        return new Found(plan, true, OptionalDouble.empty());
    }
}
