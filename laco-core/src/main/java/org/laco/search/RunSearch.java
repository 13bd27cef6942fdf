package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Optional;
import org.laco.CollapsePlan;
import org.laco.CollapseStep;
import org.laco.Evaluation;
import org.laco.measure.Metric;
import org.laco.merge.MergeRule;
import org.laco.refit.RefitPass;

/**
 * Chooses several runs of layers to merge at once. First every run of the original model is merged alone and measured, fitted in closed
 * form if a refit was asked for, so that a run counts by the loss that remains after the fit. Then dynamic programming finds the
 * combinations of runs that meet the target with the least sum of losses, and the best few of them are measured as a whole.
 *
 * <p>Unlike a greedy search it isn't bound by its first merge, and it measures each run once whatever the target.
 *
 * @param low the lowest base layer, at least 0
 * @param layersPerRun the most layers that are merged into one, at least 2
 * @param finalists how many combinations are measured as a whole, at least 1
 * @param rule how linear weights are merged, or the rules tried for each run
 * @param objective what candidates are compared by
 */
public record RunSearch(int low, int layersPerRun, int finalists, MergeRule rule, Metric objective) implements Search {
    /** Checks the numbers. */
    public RunSearch {
        LowestBase.requireLayer(low);
        checkArgument(layersPerRun >= 2, "a run takes at least 2 layers, not %s", layersPerRun);
        checkArgument(finalists >= 1, "at least one combination of runs is measured, not %s", finalists);
    }

    @Override
    public String name() {
        return "runs";
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of("low", low, "layersPerRun", layersPerRun, "finalists", finalists);
    }

    @Override
    public boolean needsTarget() {
        return true;
    }

    @Override
    public void check(int layers) {
        LowestBase.requireRoom(low, layers);
    }

    @Override
    public CollapsePlan search(SearchSession session) {
        int removed = session.stack().layerCount() - session.target();
        if (removed == 0) {
            return session.current();
        }
        // Step 1: the loss of each run alone.
        RunLosses losses = RunLosses.measure(session, low, Math.min(layersPerRun - 1, removed));
        // Step 2: the combinations of the least sum of losses.
        List<ImmutableList<Run>> combinations = losses.combinations(removed, finalists);
        checkArgument(
                !combinations.isEmpty(),
                "the target of %s layers can't be met by runs of at most %s layers from layer %s up",
                session.target(),
                layersPerRun,
                low);
        // Step 3: the best of them as a whole, from the lowest sum up.
        CollapsePlan best = null;
        double highest = Double.NEGATIVE_INFINITY;
        CollapseStep accepted = null;
        for (ImmutableList<Run> combination : combinations) {
            CollapsePlan plan = Run.plan(session.current(), combination);
            CollapsePlan fitted = session.refit()
                    .map(refit ->
                            RefitPass.run(session.stack(), plan, session.calibration(), refit, session.listener()))
                    .orElse(plan);
            Evaluation evaluation =
                    session.evaluateOnce(ImmutableList.of(fitted)).get(0);
            int lowest = combination.get(0).layer();
            Optional<MergeRule> common = Run.commonRule(combination);
            CollapseStep step = CollapseStep.evaluated(lowest, removed, common, evaluation, false);
            if (best == null || evaluation.similarity() > highest) {
                best = fitted;
                highest = evaluation.similarity();
                accepted = CollapseStep.evaluated(lowest, removed, common, evaluation, true);
            }
            session.reject(step);
        }
        session.accept(best, accepted);
        return best;
    }
}
