package org.laco.search;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.laco.fit.SpanFits;
import org.laco.measure.Evaluation;
import org.laco.plan.CollapsePlan;

/** Measures single runs of the original model, fitted first if a refit was asked for, unless a search before has done so. */
final class SpanScores implements AutoCloseable {
    /** How many lengths are measured before it is asked whether longer runs are hopeless. */
    private static final int AT_A_TIME = 3;

    private final SearchSession session;
    private final int most;
    /** The fits, begun at the first layer with a run that isn't known. */
    private SpanFits fits;

    private SpanScores(SearchSession session, int most) {
        this.session = session;
        this.most = most;
    }

    /**
     * Starts at the lowest layer.
     *
     * @param most the most layers that are merged into one
     */
    static SpanScores of(SearchSession session, int most) {
        return new SpanScores(session, most);
    }

    /**
     * Measures runs that start at one layer, which is above that of the last call, from the shortest up. It stops when the longest of
     * a few is hopeless, since longer ones lose more.
     *
     * @param layer the layer
     * @param plans for each run a plan that merges it alone
     * @param lengths for each run the number of layers merged into the lowest, never falling
     * @param hopeless tells of what was measured that neither it nor what loses more is wanted
     * @return what was measured of the first runs
     */
    ImmutableList<Evaluation> measure(
            int layer, List<CollapsePlan> plans, List<Integer> lengths, Predicate<Evaluation> hopeless) {
        Function<List<CollapsePlan>, List<Evaluation>> measure =
                session.refit().isEmpty() ? session::evaluate : fitted(layer, plans, lengths);
        List<Evaluation> measured = new ArrayList<>();
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

    /** Measures runs after a fit. All that start at the layer are fitted when one of them isn't known, since they share sums. */
    private Function<List<CollapsePlan>, List<Evaluation>> fitted(
            int layer, List<CollapsePlan> plans, List<Integer> lengths) {
        Map<CollapsePlan, Evaluation> known = session.fitted();
        Supplier<Map<CollapsePlan, CollapsePlan>> fitted = Suppliers.memoize(() -> {
            List<CollapsePlan> unknown = new ArrayList<>();
            List<Integer> unknownLengths = new ArrayList<>();
            for (int i = 0; i < plans.size(); i++) {
                if (!known.containsKey(plans.get(i))) {
                    unknown.add(plans.get(i));
                    unknownLengths.add(lengths.get(i));
                }
            }
            List<CollapsePlan> fits = fitsAt(layer)
                    .fit(CollapsePlan.identity(plans.get(0).originalSize()), layer, unknown, unknownLengths);
            Map<CollapsePlan, CollapsePlan> byPlan = new HashMap<>();
            for (int i = 0; i < unknown.size(); i++) {
                byPlan.put(unknown.get(i), fits.get(i));
            }
            return byPlan;
        });
        return some -> {
            List<CollapsePlan> unknown =
                    some.stream().filter(plan -> !known.containsKey(plan)).toList();
            List<Evaluation> measured = unknown.isEmpty()
                    ? List.of()
                    : session.evaluateOnce(
                            unknown.stream().map(plan -> fitted.get().get(plan)).toList());
            for (int i = 0; i < unknown.size(); i++) {
                known.put(unknown.get(i), measured.get(i));
            }
            return some.stream().map(known::get).toList();
        };
    }

    private SpanFits fitsAt(int layer) {
        if (fits == null) {
            fits = SpanFits.of(
                    session.stack(),
                    session.calibration(),
                    session.refit().orElseThrow(),
                    layer,
                    most,
                    session.listener());
        } else {
            fits.moveTo(layer);
        }
        return fits;
    }

    @Override
    public void close() {
        if (fits != null) {
            fits.close();
        }
    }
}
