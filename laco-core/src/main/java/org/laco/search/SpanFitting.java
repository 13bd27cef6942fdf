package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Multimaps;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.laco.evaluate.FittedSpans;
import org.laco.fit.Fit;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.plan.PlannedLayer;

/** Fits single spans of the original model, those that start at one layer together. */
final class SpanFitting {
    private final SearchContext context;
    private final CollapsePlan original;
    private final Fit fit;

    SpanFitting(SearchContext context, Fit fit) {
        this.context = context;
        this.original = context.original();
        this.fit = fit;
    }

    /**
     * Measures what spans lose after a fit, unless a search before has done so.
     *
     * @param before the original's score
     * @param log where the scores are recorded
     * @return the spans with the lesser loss of each, that before and that after the fit
     */
    ImmutableList<Span> losses(Collection<Span> spans, Score before, SearchLog log) {
        CandidateScores known = context.scores();
        List<Span> unknown = spans.stream()
                .filter(span -> known.after(fit, span.alone(original)).isEmpty())
                .toList();
        forEach(unknown, (some, group) -> {
            List<CollapsePlan> plans = plans(some);
            ImmutableList<Score> scores = group.screen(plans);
            for (int i = 0; i < plans.size(); i++) {
                known.putAfter(fit, plans.get(i), scores.get(i));
            }
        });
        List<Span> after = new ArrayList<>();
        for (Span span : ImmutableList.sortedCopyOf(Span.FROM_BELOW, spans)) {
            CollapsePlan plan = span.alone(original);
            Score score = known.after(fit, plan).orElseThrow();
            log.refuse(plan, span.layer(), span.merged(), score);
            after.add(span.after(score.lossFrom(before)));
        }
        return ImmutableList.copyOf(after);
    }

    /** Fits those spans whose fit helps; the others stay as they were merged. */
    ImmutableMap<Span, PlannedLayer> layers(Collection<Span> spans) {
        ImmutableMap.Builder<Span, PlannedLayer> layers = ImmutableMap.builder();
        ImmutableSet<Span> all = ImmutableSet.copyOf(spans);
        all.stream().filter(span -> !span.fitted()).forEach(span -> layers.put(span, span.planned()));
        forEach(all.stream().filter(Span::fitted).toList(), (some, group) -> {
            ImmutableList<CollapsePlan> fitted = group.fitted(plans(some));
            for (int i = 0; i < some.size(); i++) {
                Span span = some.get(i);
                layers.put(span, fitted.get(i).layers().get(span.layer()));
            }
        });
        return layers.buildOrThrow();
    }

    /** Fits spans from the bottom up, those that start at one layer at a time. */
    private void forEach(List<Span> spans, BiConsumer<List<Span>, FittedSpans.Group> use) {
        if (spans.isEmpty()) {
            return;
        }
        int most = spans.stream().mapToInt(Span::merged).max().orElseThrow();
        try (FittedSpans fitting = context.fittedSpans(fit, most)) {
            Map<Integer, ? extends Collection<Span>> byLayer =
                    Multimaps.index(spans, Span::layer).asMap();
            for (int layer : ImmutableSortedSet.copyOf(byLayer.keySet())) {
                List<Span> some = ImmutableList.sortedCopyOf(Span.FROM_BELOW, byLayer.get(layer));
                use.accept(
                        some,
                        fitting.fit(
                                layer,
                                plans(some),
                                some.stream().map(Span::merged).toList()));
            }
        }
    }

    private List<CollapsePlan> plans(List<Span> spans) {
        return spans.stream().map(span -> span.alone(original)).toList();
    }
}
