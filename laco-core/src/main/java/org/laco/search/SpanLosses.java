package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.MultimapBuilder;
import com.google.common.collect.Multimaps;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.plan.MergedLayer;

/** What each span of layers costs when it alone is merged, and which spans together cost least. */
final class SpanLosses {
    private final ImmutableListMultimap<Integer, Span> spansByLayer;
    private final int layers;

    private SpanLosses(ImmutableListMultimap<Integer, Span> spansByLayer, int layers) {
        this.spansByLayer = spansByLayer;
        this.layers = layers;
    }

    /**
     * Measures spans from the bottom up.
     *
     * @param before the original's score
     * @param low the lowest base layer
     * @param most the most layers that are merged into one
     * @param limit a loss that one span can't have if it is to be among the best; longer spans than one that has more aren't measured
     */
    static SpanLosses measure(SearchContext context, SearchLog log, Score before, int low, int most, double limit) {
        int layers = context.layerCount();
        ListMultimap<Integer, Span> spans =
                MultimapBuilder.hashKeys().arrayListValues().build();
        List<Layer> starts = new ArrayList<>();
        for (int layer = low; layer < layers - 1; layer++) {
            starts.add(candidates(context, log.current(), layer, Math.min(most, layers - layer - 1)));
        }
        ImmutableList<ImmutableList<Score>> scores = new SpanScores(context.scores())
                .measure(starts.stream().map(Layer::start).toList(), score -> before.value() - score.value() > limit);
        for (int i = 0; i < starts.size(); i++) {
            Layer start = starts.get(i);
            start.differences.forEach((merged, difference) -> log.skip(start.number, merged, difference));
            spans.putAll(start.number, spans(log, before, start.number, start.candidates, scores.get(i)));
        }
        return new SpanLosses(ImmutableListMultimap.copyOf(spans), layers);
    }

    /** Returns the losses of some spans alone. */
    SpanLosses of(Iterable<Span> some) {
        return new SpanLosses(Multimaps.index(some, Span::layer), layers);
    }

    /**
     * A span that may be merged.
     *
     * @param plan the plan that merges it alone
     * @param merged the number of layers merged into the lowest
     */
    private record Candidate(CollapsePlan plan, int merged) {}

    /**
     * The spans that may be merged into one layer.
     *
     * @param number the layer
     * @param candidates the spans from the shortest up
     * @param differences for numbers of layers that can't be merged into it, why
     */
    private record Layer(int number, List<Candidate> candidates, ListMultimap<Integer, String> differences) {
        SpanScores.Start start() {
            return new SpanScores.Start(
                    candidates.stream().map(Candidate::plan).toList(),
                    candidates.stream().map(Candidate::merged).toList());
        }
    }

    private static Layer candidates(SearchContext context, CollapsePlan original, int layer, int most) {
        List<Candidate> candidates = new ArrayList<>();
        ListMultimap<Integer, String> differences =
                MultimapBuilder.linkedHashKeys().arrayListValues().build();
        for (int merged = 1; merged <= most; merged++) {
            for (CollapsePlan plan : context.spans(original, layer, merged)) {
                Optional<String> difference = context.difference(plan, layer);
                if (difference.isPresent()) {
                    differences.put(merged, difference.get());
                } else {
                    candidates.add(new Candidate(plan, merged));
                }
            }
        }
        return new Layer(layer, candidates, differences);
    }

    private static List<Span> spans(
            SearchLog log, Score before, int layer, List<Candidate> candidates, List<Score> measured) {
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < measured.size(); i++) {
            Candidate candidate = candidates.get(i);
            log.refuse(candidate.plan, layer, candidate.merged, measured.get(i));
            double loss = measured.get(i).lossFrom(before);
            if (loss < Double.POSITIVE_INFINITY) {
                MergedLayer planned = (MergedLayer) candidate.plan.layers().get(layer);
                spans.add(new Span(layer, candidate.merged, planned, loss));
            }
        }
        return spans;
    }

    /**
     * Finds the combinations of spans, none overlapping, that remove so many layers at the least sum of losses.
     *
     * @param removed the number of layers to remove
     * @param count how many combinations are wanted
     * @return the combinations from the least sum up, spans from the bottom up
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
                for (Span span : spansByLayer.get(i)) {
                    if (span.merged() <= k) {
                        best.get(i + span.merged() + 1)
                                .get(k - span.merged())
                                .forEach(above -> found.add(above.under(span)));
                    }
                }
                found.sort(Comparator.comparingDouble(Combination::loss));
                best.get(i).set(k, new ArrayList<>(found.subList(0, Math.min(count, found.size()))));
            }
        }
        return best.get(0).get(removed).stream().map(Combination::spans).toList();
    }

    private record Combination(ImmutableList<Span> spans, double loss) {
        Combination under(Span span) {
            return new Combination(
                    ImmutableList.<Span>builder().add(span).addAll(spans).build(), loss + span.loss());
        }
    }
}
