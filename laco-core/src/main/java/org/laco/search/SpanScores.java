package org.laco.search;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.laco.evaluate.FittedSpans;
import org.laco.fit.Fit;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;

/** Scores single spans of the original model, fitted first if a fit was asked for, unless a search before has done so. */
final class SpanScores implements AutoCloseable {
    /** How many lengths are scored before it is asked whether longer spans are hopeless. */
    private static final int AT_A_TIME = 3;

    private final CandidateScores scores;
    private final Map<CollapsePlan, Score> known;
    /** Empty unless spans are fitted. */
    private final List<FittedSpans> fitted;

    private SpanScores(CandidateScores scores, Map<CollapsePlan, Score> known, List<FittedSpans> fitted) {
        this.scores = scores;
        this.known = known;
        this.fitted = fitted;
    }

    /**
     * Starts at the lowest layer.
     *
     * @param most the most layers that are merged into one
     */
    static SpanScores of(SearchContext context, int most) {
        return context.fit().isEmpty()
                ? new SpanScores(context.scores(), Map.of(), List.of())
                : fitted(context, context.fit().get(), most);
    }

    private static SpanScores fitted(SearchContext context, Fit fit, int most) {
        return new SpanScores(context.scores(), context.scores().after(fit), List.of(context.fittedSpans(fit, most)));
    }

    /**
     * Scores spans that start at one layer, which is above that of the last call, from the shortest up. It stops when the longest of
     * a few is hopeless, since longer ones lose more.
     *
     * @param layer the layer
     * @param plans for each span a plan that merges it alone
     * @param lengths for each span the number of layers merged into the lowest, never falling
     * @param hopeless tells of a score that neither it nor what loses more is wanted
     * @return the scores of the first spans
     */
    ImmutableList<Score> measure(
            int layer, List<CollapsePlan> plans, List<Integer> lengths, Predicate<Score> hopeless) {
        Function<List<CollapsePlan>, List<Score>> measure =
                fitted.isEmpty() ? scores::of : afterFit(fitted.get(0), layer, plans, lengths);
        List<Score> measured = new ArrayList<>();
        while (measured.size() < plans.size()) {
            int longest = lengths.get(measured.size()) + AT_A_TIME - 1;
            int end = (int) lengths.stream().filter(length -> length <= longest).count();
            measured.addAll(measure.apply(plans.subList(measured.size(), end)));
            int last = lengths.get(end - 1);
            if (IntStream.range(0, end)
                    .filter(i -> lengths.get(i) == last)
                    .mapToObj(measured::get)
                    .allMatch(hopeless)) {
                break;
            }
        }
        return ImmutableList.copyOf(measured);
    }

    /** Scores spans after a fit. All that start at the layer are fitted when one of them isn't known, since they share sums. */
    private Function<List<CollapsePlan>, List<Score>> afterFit(
            FittedSpans spans, int layer, List<CollapsePlan> plans, List<Integer> lengths) {
        Supplier<FittedSpans.Group> group = Suppliers.memoize(() -> {
            List<CollapsePlan> unknown = new ArrayList<>();
            List<Integer> unknownLengths = new ArrayList<>();
            for (int i = 0; i < plans.size(); i++) {
                if (!known.containsKey(plans.get(i))) {
                    unknown.add(plans.get(i));
                    unknownLengths.add(lengths.get(i));
                }
            }
            return spans.fit(layer, unknown, unknownLengths);
        });
        return some -> {
            List<CollapsePlan> unknown =
                    some.stream().filter(plan -> !known.containsKey(plan)).toList();
            if (!unknown.isEmpty()) {
                ImmutableList<Score> measured = group.get().screen(unknown);
                for (int i = 0; i < unknown.size(); i++) {
                    known.put(unknown.get(i), measured.get(i));
                }
            }
            return some.stream().map(known::get).toList();
        };
    }

    @Override
    public void close() {
        fitted.forEach(FittedSpans::close);
    }
}
