package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableSortedMap.toImmutableSortedMap;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.laco.evaluate.Sample;
import org.laco.fit.Fit;
import org.laco.measure.Metric;
import org.laco.measure.Score;
import org.laco.merge.MergeRule;
import org.laco.plan.CollapsePlan;
import org.laco.plan.PlannedLayer;

/**
 * Chooses several spans of layers to merge at once. First spans of the original model are merged alone and measured, the shortest
 * first. Dynamic programming finds the combinations of spans that meet the target with the least sum of losses; from each layer up spans are
 * no longer measured where one loses more alone than the best few combinations that are known by then. In the end these are measured as a
 * whole.
 *
 * <p>If a fit was asked for, spans are measured on a {@link Sample}, since only their order counts. Those in one of the combinations of
 * least loss without a fit are fitted in closed form, and count by what remains of their loss. The best few combinations are
 * measured with these fits on all sequences and tokens, and the best one is fitted to all that there is.
 *
 * <p>Unlike a greedy search it isn't bound by its first merge, and it measures each span once whatever the target.
 *
 * @param low the lowest base layer, at least 0
 * @param layersPerSpan the most layers that are merged into one, at least 2
 * @param finalists how many combinations are measured as a whole, at least 1
 * @param rule how linear weights are merged, or the rules tried for each span
 * @param objective what candidates are compared by
 * @param sample on what spans are measured if there is a fit
 * @param combinationsInReach the spans of how many combinations are fitted if there is a fit, at least as many as there are finalists
 */
public record SpanSearch(
        int low,
        int layersPerSpan,
        int finalists,
        MergeRule rule,
        Metric objective,
        Sample sample,
        int combinationsInReach)
        implements Search {
    private static final Sample SAMPLE = new Sample(256, 64);
    private static final int COMBINATIONS = 20;

    /** Checks the numbers. */
    public SpanSearch {
        new BaseLayers(low);
        checkArgument(layersPerSpan >= 2, "a run takes at least 2 layers, not %s", layersPerSpan);
        checkArgument(finalists >= 1, "at least one combination of runs is measured, not %s", finalists);
        requireNonNull(sample, "sample");
        checkArgument(
                combinationsInReach >= finalists,
                "the runs of %s combinations are too few to fit for %s finalists",
                combinationsInReach,
                finalists);
    }

    /**
     * Makes a search that measures spans that will be fitted on 256 rows and the 64 likeliest tokens of each, and fits those of 20
     * combinations, or of as many as there are finalists.
     *
     * @param low the lowest base layer, at least 0
     * @param layersPerSpan the most layers that are merged into one, at least 2
     * @param finalists how many combinations are measured as a whole, at least 1
     * @param rule how linear weights are merged, or the rules tried for each span
     * @param objective what candidates are compared by
     */
    public SpanSearch(int low, int layersPerSpan, int finalists, MergeRule rule, Metric objective) {
        this(low, layersPerSpan, finalists, rule, objective, SAMPLE, Math.max(COMBINATIONS, finalists));
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
        return context.fit().isPresent()
                ? fitted(context, log, removed, context.fit().get())
                : merged(context, log, removed);
    }

    private Found merged(SearchContext context, SearchLog log, int removed) {
        // Step 1: the loss of each span alone that can be among the best.
        SpanLosses losses = losses(context, log, log.score(), removed, finalists);
        // Step 2: the combinations of the least sum of losses.
        List<ImmutableList<Span>> combinations = combinations(losses, context, removed, finalists);
        // Step 3: the best of them as a whole, from the lowest sum up.
        Finalist best = best(context, log, combinations, Span::planned);
        log.accept(best.plan, best.step(true), best.score);
        return Found.merged(best.plan);
    }

    private Found fitted(SearchContext context, SearchLog log, int removed, Fit fit) {
        SearchContext sampled = context.sampled(sample);
        Score before = sampled.scores().of(context.original());
        if (sampled != context) {
            log.note("sampleRows", sample.rows());
            log.note("sampleTokens", sample.tokens());
        }
        // Step 1: the loss of each span alone that can be among the best, on a sample.
        SpanLosses losses = losses(sampled, log, before, removed, combinationsInReach);
        // Step 2: the loss that the fit leaves of the spans in reach.
        ImmutableSet<Span> inReach = spans(combinations(losses, context, removed, combinationsInReach));
        SpanFitting fitting = new SpanFitting(sampled, fit);
        SpanLosses remaining = losses.of(fitting.losses(inReach, before, log));
        // Step 3: the combinations of the least sum of losses, the best of them as a whole, on everything.
        List<ImmutableList<Span>> combinations = combinations(remaining, context, removed, finalists);
        ImmutableMap<Span, PlannedLayer> layers = fitting.layers(spans(combinations));
        Finalist best = best(context, log, combinations, layers::get);
        // Step 4: the fit of the best to all that there is.
        CollapsePlan plan = context.fitted(best.plan, Optional.of(fit));
        Finalist taken = Finalist.of(context, best.spans, plan);
        log.accept(plan, taken.step(true), taken.score);
        return Found.fitted(plan);
    }

    private SpanLosses losses(SearchContext context, SearchLog log, Score before, int removed, int count) {
        return SpanLosses.measure(context, log, before, low, Math.min(layersPerSpan - 1, removed), removed, count);
    }

    private List<ImmutableList<Span>> combinations(SpanLosses losses, SearchContext context, int removed, int count) {
        List<ImmutableList<Span>> combinations = losses.combinations(removed, count);
        checkArgument(
                !combinations.isEmpty(),
                "the target of %s layers can't be met by runs of at most %s layers from layer %s up%s",
                context.target(),
                layersPerSpan,
                low,
                context.fit().isPresent() ? " whose lowest layer can be refit" : "");
        return combinations;
    }

    private static ImmutableSet<Span> spans(List<ImmutableList<Span>> combinations) {
        return combinations.stream().flatMap(List::stream).collect(ImmutableSet.toImmutableSet());
    }

    private static Finalist best(
            SearchContext context,
            SearchLog log,
            List<ImmutableList<Span>> combinations,
            Function<Span, PlannedLayer> layers) {
        List<CollapsePlan> plans = combinations.stream()
                .map(combination -> Span.plan(context.original(), combination, layers))
                .toList();
        List<Finalist> finalists = new ArrayList<>();
        context.scores().onceEach(plans, score -> {
            int number = finalists.size();
            Finalist finalist = new Finalist(combinations.get(number), plans.get(number), score);
            log.record(finalist.step(false));
            finalists.add(finalist);
        });
        return finalists.stream()
                .reduce((best, other) -> other.score.isBetterThan(best.score) ? other : best)
                .orElseThrow();
    }

    /**
     * A combination of spans as a whole.
     *
     * @param spans the spans
     * @param plan the plan that merges them
     * @param score its score
     */
    private record Finalist(ImmutableList<Span> spans, CollapsePlan plan, Score score) {
        static Finalist of(SearchContext context, ImmutableList<Span> spans, CollapsePlan plan) {
            return new Finalist(
                    spans, plan, context.scores().once(ImmutableList.of(plan)).get(0));
        }

        CollapseStep step(boolean accepted) {
            return CollapseStep.scored(
                    spans.stream().collect(toImmutableSortedMap(Integer::compare, Span::layer, Span::merged)),
                    Span.commonRule(spans),
                    score,
                    accepted);
        }
    }
}
