package org.laco.search;

import static java.util.stream.Collectors.toMap;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.Lists;
import com.google.common.collect.Multimaps;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.plan.MergedLayer;

/** What each span of layers costs when it alone is merged, and which spans together cost least. */
final class SpanLosses {
    /** How many spans that begin at layers next to one another are scored together, and each lot at the same time as others where that can be. */
    private static final int TOGETHER = 3;

    private final ImmutableListMultimap<Integer, Span> spansByLayer;
    private final int layers;

    private SpanLosses(ImmutableListMultimap<Integer, Span> spansByLayer, int layers) {
        this.spansByLayer = spansByLayer;
        this.layers = layers;
    }

    /**
     * Measures spans, the shortest first. From a layer up this ends at a span that loses more alone than each of the best combinations
     * of the spans that are known by then: since longer ones lose more, none of them is among the best.
     *
     * @param before the original's score
     * @param low the lowest base layer
     * @param most the most layers that are merged into one
     * @param removed the number of layers that combinations remove
     * @param count how many of the best combinations are wanted
     */
    static SpanLosses measure(
            SearchContext context, SearchLog log, Score before, int low, int most, int removed, int count) {
        int layers = context.layerCount();
        SpanLosses losses = new SpanLosses(ImmutableListMultimap.of(), layers);
        Set<Integer> open = IntStream.range(low, layers - 1).boxed().collect(Collectors.toCollection(TreeSet::new));
        for (int merged = 1; merged <= most && !open.isEmpty(); merged++) {
            int length = merged;
            open.removeIf(layer -> layer + length >= layers);
            List<Candidate> candidates = open.stream()
                    .flatMap(layer -> candidates(context, log, layer, length).stream())
                    .toList();
            List<Span> measured = measure(context, log, before, candidates);
            losses = losses.with(measured);
            double limit = losses.limit(removed, count);
            Map<Integer, Double> least = measured.stream().collect(toMap(Span::layer, Span::loss, Math::min));
            // A layer whose spans of this length can't be formed may have longer ones that can.
            candidates.stream()
                    .map(Candidate::layer)
                    .filter(layer -> !(least.getOrDefault(layer, Double.POSITIVE_INFINITY) <= limit))
                    .forEach(open::remove);
        }
        return losses;
    }

    /** Returns the losses of some spans alone. */
    SpanLosses of(Iterable<Span> some) {
        return new SpanLosses(Multimaps.index(some, Span::layer), layers);
    }

    private SpanLosses with(List<Span> more) {
        ImmutableListMultimap.Builder<Integer, Span> all =
                ImmutableListMultimap.<Integer, Span>builder().putAll(spansByLayer);
        more.forEach(span -> all.put(span.layer(), span));
        return new SpanLosses(all.build(), layers);
    }

    /**
     * A span that may be merged.
     *
     * @param plan the plan that merges it alone
     * @param layer its lowest layer
     * @param merged the number of layers merged into that
     */
    private record Candidate(CollapsePlan plan, int layer, int merged) {}

    private static List<Candidate> candidates(SearchContext context, SearchLog log, int layer, int merged) {
        List<Candidate> candidates = new ArrayList<>();
        for (CollapsePlan plan : context.spans(log.current(), layer, merged)) {
            Optional<String> difference = context.difference(plan, layer);
            if (difference.isPresent()) {
                log.skip(layer, merged, difference.get());
            } else {
                candidates.add(new Candidate(plan, layer, merged));
            }
        }
        return candidates;
    }

    private static List<Span> measure(SearchContext context, SearchLog log, Score before, List<Candidate> candidates) {
        ImmutableList<Score> scores =
                context
                        .scores()
                        .ofEach(Lists.partition(
                                candidates.stream().map(Candidate::plan).toList(), TOGETHER))
                        .stream()
                        .flatMap(List::stream)
                        .collect(ImmutableList.toImmutableList());
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < scores.size(); i++) {
            Candidate candidate = candidates.get(i);
            log.refuse(candidate.plan, candidate.layer, candidate.merged, scores.get(i));
            double loss = scores.get(i).lossFrom(before);
            if (loss < Double.POSITIVE_INFINITY) {
                MergedLayer planned = (MergedLayer) candidate.plan.layers().get(candidate.layer);
                spans.add(new Span(candidate.layer, candidate.merged, planned, loss));
            }
        }
        return spans;
    }

    /** Returns the greatest loss that a span can have alone if it is in one of the best combinations; infinite as long as there are too few. */
    private double limit(int removed, int count) {
        List<List<Combination>> best = best(removed, count);
        List<Combination> wanted = best.get(removed);
        if (wanted.size() < count) {
            return Double.POSITIVE_INFINITY;
        }
        // Losses by what isn't a distance may be negative, and then those of others make up for a span's.
        double gained = best.stream()
                .filter(combinations -> !combinations.isEmpty())
                .mapToDouble(combinations -> combinations.get(0).loss)
                .min()
                .orElseThrow();
        return wanted.get(count - 1).loss - gained;
    }

    /**
     * Finds the combinations of spans, none overlapping, that remove so many layers at the least sum of losses.
     *
     * @param removed the number of layers to remove
     * @param count how many combinations are wanted
     * @return the combinations from the least sum up, spans from the bottom up
     */
    List<ImmutableList<Span>> combinations(int removed, int count) {
        return best(removed, count).get(removed).stream()
                .map(Combination::spans)
                .toList();
    }

    /** For each number of layers up to that one, the best combinations that remove so many. */
    private List<List<Combination>> best(int removed, int count) {
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
        return best.get(0);
    }

    private record Combination(ImmutableList<Span> spans, double loss) {
        Combination under(Span span) {
            return new Combination(
                    ImmutableList.<Span>builder().add(span).addAll(spans).build(), loss + span.loss());
        }
    }
}
