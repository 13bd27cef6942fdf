package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import org.laco.plan.CollapsePlan;

/**
 * The paper's schedule with the threshold that meets a target: the highest of −1, −0.9999, …, 1 found by bisection at which it leaves
 * no more layers than asked for. Candidates that several thresholds lead to are scored once.
 *
 * @param schedule the schedule
 */
record ThresholdSearch(Schedule schedule) implements Search {
    private static final int STEPS = 10_000;

    @Override
    public String name() {
        return "laco";
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        return schedule.parameters();
    }

    @Override
    public boolean needsTarget() {
        return true;
    }

    @Override
    public boolean confirmsWhatItAccepts() {
        return true;
    }

    @Override
    public void check(int layers) {
        schedule.check(layers);
    }

    @Override
    public Found search(SearchContext context, SearchLog log) {
        int meets = -STEPS - 1;
        int misses = STEPS + 1;
        while (misses - meets > 1) {
            int middle = Math.floorDiv(meets + misses, 2);
            if (tried(context, middle).size() <= context.target()) {
                meets = middle;
            } else {
                misses = middle;
            }
        }
        if (meets < -STEPS) {
            int least = tried(context, -STEPS).size();
            checkArgument(
                    least <= context.target(),
                    "no threshold leaves %s layers: the schedule's range, layers per merge and interval leave %s at least",
                    context.target(),
                    least);
            meets = -STEPS;
        }
        log.note("threshold", at(meets).threshold());
        return at(meets).search(context, log);
    }

    /** Searches with a threshold, without a listener. */
    private CollapsePlan tried(SearchContext context, int step) {
        return at(step).search(context, SearchLog.start(context, CollapseListener.NONE))
                .plan();
    }

    private LacoSearch at(int step) {
        return new LacoSearch(schedule, step / (double) STEPS);
    }
}
