package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.laco.fit.Fit;
import org.laco.measure.Metric;
import org.laco.measure.Score;
import org.laco.merge.MergeRule;
import org.laco.plan.CollapsePlan;

/**
 * Chooses several spans of layers to merge at once. First spans of the original model are merged alone and measured, fitted in closed
 * form if a fit was asked for, so that a span counts by the loss that remains after the fit. From each layer up this ends at a span that
 * loses more than the layers of least block influence do together. Then dynamic programming finds the combinations of spans that meet
 * the target with the least sum of losses, and the best few of them are measured as a whole, fitted to no more sequences than
 * comparing them takes; the best one is fitted to all.
 *
 * <p>Unlike a greedy search it isn't bound by its first merge, and it measures each span once whatever the target.
 *
 * @param low the lowest base layer, at least 0
 * @param layersPerSpan the most layers that are merged into one, at least 2
 * @param finalists how many combinations are measured as a whole, at least 1
 * @param rule how linear weights are merged, or the rules tried for each span
 * @param objective what candidates are compared by
 */
public record SpanSearch(int low, int layersPerSpan, int finalists, MergeRule rule, Metric objective)
        implements Search {
    /** Checks the numbers. */
    public SpanSearch {
        new BaseLayers(low);
        checkArgument(layersPerSpan >= 2, "a run takes at least 2 layers, not %s", layersPerSpan);
        checkArgument(finalists >= 1, "at least one combination of runs is measured, not %s", finalists);
    }

    @Override
    public String name() {
        return "runs";
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of("low", low, "layersPerRun", layersPerSpan, "finalists", finalists);
    }

    @Override
    public boolean needsTarget() {
        return true;
    }

    @Override
    public void check(int layers) {
        new BaseLayers(low).check(layers);
    }

    @Override
    public Found search(SearchContext context, SearchLog log) {
        int removed = context.layerCount() - context.target();
        if (removed == 0) {
            return Found.merged(log.current());
        }
        // Step 1: the loss of each span alone that can be among the best.
        SpanLosses losses = SpanLosses.measure(
                context, log, low, Math.min(layersPerSpan - 1, removed), limit(context, log, removed));
        // Step 2: the combinations of the least sum of losses.
        List<ImmutableList<Span>> combinations = losses.combinations(removed, finalists);
        checkArgument(
                !combinations.isEmpty(),
                "the target of %s layers can't be met by runs of at most %s layers from layer %s up",
                context.target(),
                layersPerSpan,
                low);
        // Step 3: the best of them as a whole, from the lowest sum up, fitted to no more than comparing them takes.
        Optional<Fit> brief = context.briefFit();
        Finalist best = null;
        for (ImmutableList<Span> combination : combinations) {
            Finalist finalist = Finalist.of(context, log, combination, brief);
            log.record(finalist.step(removed, false));
            best = best == null || finalist.score.isBetterThan(best.score) ? finalist : best;
        }
        // Step 4: the fit of the best to all that there is.
        if (!brief.equals(context.fit())) {
            best = Finalist.of(context, log, best.spans, context.fit());
        }
        log.accept(best.plan, best.step(removed, true), best.score);
        return new Found(best.plan, context.fit().isPresent(), OptionalDouble.empty());
    }

    /**
     * A combination of spans as a whole.
     *
     * @param spans the spans
     * @param plan the plan that merges and fits them
     * @param score its score
     */
    private record Finalist(ImmutableList<Span> spans, CollapsePlan plan, Score score) {
        static Finalist of(SearchContext context, SearchLog log, ImmutableList<Span> spans, Optional<Fit> fit) {
            CollapsePlan plan = context.fitted(Span.plan(log.current(), spans), fit);
            return new Finalist(
                    spans, plan, context.scores().once(ImmutableList.of(plan)).get(0));
        }

        CollapseStep step(int removed, boolean accepted) {
            return CollapseStep.scored(spans.get(0).layer(), removed, Span.commonRule(spans), score, accepted);
        }
    }

    /**
     * Measures what the layers of least block influence cost together: a span that costs more alone is in no combination worth having.
     */
    private double limit(SearchContext context, SearchLog log, int removed) {
        ImmutableList<Double> influence = context.similarity().blockInfluence();
        ImmutableSet<Integer> dropped = IntStream.range(low + 1, influence.size())
                .boxed()
                .sorted(Comparator.comparing(influence::get))
                .limit(removed)
                .collect(ImmutableSet.toImmutableSet());
        CollapsePlan plan = log.current();
        for (int layer = influence.size() - 1; layer > low; layer--) {
            int merged = 0;
            while (dropped.contains(layer - merged)) {
                merged++;
            }
            if (merged >= layersPerSpan) {
                return Double.POSITIVE_INFINITY;
            }
            if (merged > 0) {
                layer -= merged;
                plan = context.merges(plan, layer, merged).get(0);
                if (context.difference(plan, layer).isPresent()) {
                    return Double.POSITIVE_INFINITY;
                }
            }
        }
        return dropped.size() < removed
                ? Double.POSITIVE_INFINITY
                : context.scores().of(plan).lossFrom(log.score());
    }
}
