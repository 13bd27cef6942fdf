package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.laco.fit.Fit;
import org.laco.fit.FitPass;
import org.laco.measure.Evaluation;
import org.laco.measure.Metric;
import org.laco.merge.MergeRule;
import org.laco.plan.CollapsePlan;

/**
 * Chooses several runs of layers to merge at once. First runs of the original model are merged alone and measured, fitted in closed
 * form if a refit was asked for, so that a run counts by the loss that remains after the fit. From each layer up this ends at a run that
 * loses more than the layers of least block influence do together. Then dynamic programming finds the combinations of runs that meet
 * the target with the least sum of losses, and the best few of them are measured as a whole, fitted to no more sequences than
 * comparing them takes; the best one is fitted to all.
 *
 * <p>Unlike a greedy search it isn't bound by its first merge, and it measures each run once whatever the target.
 *
 * @param low the lowest base layer, at least 0
 * @param layersPerRun the most layers that are merged into one, at least 2
 * @param finalists how many combinations are measured as a whole, at least 1
 * @param rule how linear weights are merged, or the rules tried for each run
 * @param objective what candidates are compared by
 */
public record SpanSearch(int low, int layersPerRun, int finalists, MergeRule rule, Metric objective) implements Search {
    /** Checks the numbers. */
    public SpanSearch {
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
        // Step 1: the loss of each run alone that can be among the best.
        SpanLosses losses =
                SpanLosses.measure(session, low, Math.min(layersPerRun - 1, removed), limit(session, removed));
        // Step 2: the combinations of the least sum of losses.
        List<ImmutableList<Span>> combinations = losses.combinations(removed, finalists);
        checkArgument(
                !combinations.isEmpty(),
                "the target of %s layers can't be met by runs of at most %s layers from layer %s up",
                session.target(),
                layersPerRun,
                low);
        // Step 3: the best of them as a whole, from the lowest sum up, fitted to no more than comparing them takes.
        Optional<Fit> brief =
                session.refit().map(refit -> FitPass.brief(session.stack(), session.calibration(), refit));
        ImmutableList<Span> best = null;
        CollapsePlan fittedBest = null;
        Evaluation highest = null;
        for (ImmutableList<Span> combination : combinations) {
            CollapsePlan fitted = fitted(session, combination, brief);
            Evaluation evaluation =
                    session.evaluateOnce(ImmutableList.of(fitted)).get(0);
            if (best == null || evaluation.similarity() > highest.similarity()) {
                best = combination;
                fittedBest = fitted;
                highest = evaluation;
            }
            session.reject(step(combination, removed, evaluation, false));
        }
        // Step 4: the fit of the best to all that there is.
        if (!brief.equals(session.refit())) {
            fittedBest = fitted(session, best, session.refit());
            highest = session.evaluateOnce(ImmutableList.of(fittedBest)).get(0);
        }
        session.accept(fittedBest, step(best, removed, highest, true));
        return fittedBest;
    }

    private static CollapsePlan fitted(SearchSession session, ImmutableList<Span> combination, Optional<Fit> refit) {
        CollapsePlan plan = Span.plan(session.current(), combination);
        return refit.map(how -> FitPass.run(session.stack(), plan, session.calibration(), how, session.listener()))
                .orElse(plan);
    }

    private static CollapseStep step(
            ImmutableList<Span> combination, int removed, Evaluation evaluation, boolean accepted) {
        return CollapseStep.evaluated(
                combination.get(0).layer(), removed, Span.commonRule(combination), evaluation, accepted);
    }

    /**
     * Measures what the layers of least block influence cost together: a run that costs more alone is in no combination worth having.
     */
    private double limit(SearchSession session, int removed) {
        ImmutableList<Double> influence = session.similarity().blockInfluence();
        ImmutableSet<Integer> dropped = IntStream.range(low + 1, influence.size())
                .boxed()
                .sorted(Comparator.comparing(influence::get))
                .limit(removed)
                .collect(ImmutableSet.toImmutableSet());
        CollapsePlan plan = session.current();
        for (int layer = influence.size() - 1; layer > low; layer--) {
            int merged = 0;
            while (dropped.contains(layer - merged)) {
                merged++;
            }
            if (merged >= layersPerRun) {
                return Double.POSITIVE_INFINITY;
            }
            if (merged > 0) {
                layer -= merged;
                plan = session.merges(plan, layer, merged).get(0);
                if (session.difference(plan, layer).isPresent()) {
                    return Double.POSITIVE_INFINITY;
                }
            }
        }
        double loss = session.evaluation().similarity() - session.evaluate(plan).similarity();
        return dropped.size() < removed || Double.isNaN(loss) ? Double.POSITIVE_INFINITY : loss;
    }
}
