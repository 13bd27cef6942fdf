package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Set;
import org.laco.plan.CollapsePlan;

/** The plan that leaves layers out, each merged into the nearest one below that stays; by keep-first, unless another rule is asked for. */
final class DroppedLayers {
    private DroppedLayers() {}

    /** Drops layers of the original and records the outcome as one step a run of dropped layers. */
    static CollapsePlan drop(SearchSession session, Set<Integer> dropped) {
        checkArgument(!dropped.contains(0), "layer 0 can't be dropped: there is none below it to merge it into");
        CollapsePlan plan = CollapsePlan.identity(session.stack().layerCount());
        ImmutableList.Builder<int[]> runs = ImmutableList.builder();
        for (int layer = plan.size() - 1; layer > 0; layer--) {
            if (dropped.contains(layer)) {
                int run = 1;
                while (dropped.contains(layer - run)) {
                    run++;
                }
                runs.add(new int[] {layer - run, run});
                layer -= run;
            }
        }
        for (int[] run : runs.build()) {
            ImmutableList<CollapsePlan> candidates = session.merges(plan, run[0], run[1]);
            session.difference(candidates.get(0), run[0]).ifPresent(difference -> {
                throw new IllegalArgumentException("layers can't be dropped: " + difference);
            });
            plan = session.mostSimilar(candidates, run[0], run[1]);
            session.accept(
                    plan, CollapseStep.evaluated(run[0], run[1], plan.rule(run[0]), session.evaluate(plan), true));
        }
        return plan;
    }
}
