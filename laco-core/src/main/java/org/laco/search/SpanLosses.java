package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.MultimapBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.laco.measure.Evaluation;
import org.laco.plan.CollapsePlan;
import org.laco.plan.MergedLayer;

/** What each run of layers costs when it alone is merged, and which runs together cost least. */
final class SpanLosses {
    private final ImmutableListMultimap<Integer, Span> runsByLayer;
    private final int layers;

    private SpanLosses(ImmutableListMultimap<Integer, Span> runsByLayer, int layers) {
        this.runsByLayer = runsByLayer;
        this.layers = layers;
    }

    /**
     * Measures runs from the bottom up.
     *
     * @param low the lowest base layer
     * @param most the most layers that are merged into one
     * @param limit a loss that one run can't have if it is to be among the best; longer runs than one that has more aren't measured
     */
    static SpanLosses measure(SearchSession session, int low, int most, double limit) {
        int layers = session.stack().layerCount();
        ListMultimap<Integer, Span> runs =
                MultimapBuilder.hashKeys().arrayListValues().build();
        try (SpanScores scores = SpanScores.of(session, most)) {
            for (int layer = low; layer < layers - 1; layer++) {
                measure(session, layer, Math.min(most, layers - layer - 1), limit, scores, runs);
            }
        }
        return new SpanLosses(ImmutableListMultimap.copyOf(runs), layers);
    }

    private static void measure(
            SearchSession session,
            int layer,
            int most,
            double limit,
            SpanScores scores,
            ListMultimap<Integer, Span> runs) {
        CollapsePlan original = session.current();
        double before = session.evaluation().similarity();
        List<CollapsePlan> plans = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        for (int merged = 1; merged <= most; merged++) {
            for (CollapsePlan plan : session.merges(original, layer, merged)) {
                Optional<String> difference = session.difference(plan, layer);
                if (difference.isPresent()) {
                    session.reject(CollapseStep.skipped(layer, merged, difference.get()));
                } else {
                    plans.add(plan);
                    lengths.add(merged);
                }
            }
        }
        ImmutableList<Evaluation> evaluations =
                scores.measure(layer, plans, lengths, evaluation -> before - evaluation.similarity() > limit);
        for (int i = 0; i < evaluations.size(); i++) {
            CollapsePlan plan = plans.get(i);
            session.reject(CollapseStep.evaluated(layer, lengths.get(i), plan.rule(layer), evaluations.get(i), false));
            double loss = before - evaluations.get(i).similarity();
            if (!Double.isNaN(loss)) {
                runs.put(
                        layer,
                        new Span(
                                layer,
                                lengths.get(i),
                                (MergedLayer) plan.layers().get(layer),
                                loss));
            }
        }
    }

    /**
     * Finds the combinations of runs, none overlapping, that remove so many layers at the least sum of losses.
     *
     * @param removed the number of layers to remove
     * @param count how many combinations are wanted
     * @return the combinations from the least sum up, runs from the bottom up
     */
    List<ImmutableList<Span>> combinations(int removed, int count) {
        // best[i][k]: the combinations among the layers from i up that remove k layers.
        List<List<List<Combination>>> best = new ArrayList<>();
        for (int i = 0; i <= layers; i++) {
            best.add(new ArrayList<>());
            for (int k = 0; k <= removed; k++) {
                best.get(i).add(new ArrayList<>());
            }
        }
        best.get(layers).get(0).add(new Combination(ImmutableList.of(), 0));
        for (int i = layers - 1; i >= 0; i--) {
            for (int k = 0; k <= removed; k++) {
                List<Combination> found = new ArrayList<>(best.get(i + 1).get(k));
                for (Span run : runsByLayer.get(i)) {
                    if (run.merged() <= k) {
                        best.get(i + run.merged() + 1)
                                .get(k - run.merged())
                                .forEach(above -> found.add(above.under(run)));
                    }
                }
                found.sort(Comparator.comparingDouble(Combination::loss));
                best.get(i).set(k, new ArrayList<>(found.subList(0, Math.min(count, found.size()))));
            }
        }
        return best.get(0).get(removed).stream().map(Combination::runs).toList();
    }

    private record Combination(ImmutableList<Span> runs, double loss) {
        Combination under(Span run) {
            return new Combination(
                    ImmutableList.<Span>builder().add(run).addAll(runs).build(), loss + run.loss());
        }
    }
}
