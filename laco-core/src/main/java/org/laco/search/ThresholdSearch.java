package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import org.laco.plan.CollapsePlan;

/**
 * The paper's schedule with the threshold that meets a target: the highest of −1, −0.9999, …, 1 found by bisection at which it leaves
 * no more layers than asked for. Candidates that several thresholds lead to are measured once.
 *
 * @param schedule the schedule, whose own threshold is not used
 */
record ThresholdSearch(LacoSearch schedule) implements Search {
    private static final int STEPS = 10_000;

    @Override
    public String name() {
        return schedule.name();
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        ImmutableMap.Builder<String, Object> parameters = ImmutableMap.builder();
        schedule.parameters().forEach((name, value) -> {
            if (!name.equals("threshold")) {
                parameters.put(name, value);
            }
        });
        return parameters.buildOrThrow();
    }

    @Override
    public boolean needsTarget() {
        return true;
    }

    @Override
    public boolean measuresCloseCallsAgain() {
        return true;
    }

    @Override
    public void check(int layers) {
        schedule.check(layers);
    }

    @Override
    public CollapsePlan search(SearchSession session) {
        int meets = -STEPS - 1;
        int misses = STEPS + 1;
        while (misses - meets > 1) {
            int middle = Math.floorDiv(meets + misses, 2);
            CollapsePlan plan = at(middle).search(session.again());
            if (plan.size() <= session.target()) {
                meets = middle;
            } else {
                misses = middle;
            }
        }
        if (meets < -STEPS) {
            int least = at(-STEPS).search(session.again()).size();
            checkArgument(
                    least <= session.target(),
                    "no threshold leaves %s layers: the schedule's range, layers per merge and interval leave %s at least",
                    session.target(),
                    least);
            meets = -STEPS;
        }
        session.found("threshold", at(meets).threshold());
        return at(meets).search(session);
    }

    private LacoSearch at(int step) {
        return new LacoSearch(
                schedule.low(), schedule.high(), schedule.layersPerMerge(), schedule.interval(), step / (double) STEPS);
    }
}
