package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
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
        if (!unknown.isEmpty()) {
            measure(unknown, known);
        }
        List<Span> after = new ArrayList<>();
        for (Span span : ImmutableList.sortedCopyOf(Span.FROM_BELOW, spans)) {
            CollapsePlan plan = span.alone(original);
            Score score = known.after(fit, plan).orElseThrow();
            log.refuse(plan, span.layer(), span.merged(), score);
            after.add(span.after(score.lossFrom(before)));
        }
        return ImmutableList.copyOf(after);
    }

    private void measure(List<Span> spans, CandidateScores known) {
        ImmutableList<FittedSpans.Start> starts = starts(spans);
        Iterator<FittedSpans.Start> next = starts.iterator();
        try (FittedSpans fitting = open(spans)) {
            fitting.screenEach(starts, scores -> {
                ImmutableList<CollapsePlan> plans = next.next().plans();
                for (int i = 0; i < plans.size(); i++) {
                    known.putAfter(fit, plans.get(i), scores.get(i));
                }
            });
        }
    }

    /** Fits those spans whose fit helps; the others stay as they were merged. */
    ImmutableMap<Span, PlannedLayer> layers(Collection<Span> spans) {
        ImmutableMap.Builder<Span, PlannedLayer> layers = ImmutableMap.builder();
        ImmutableSet<Span> all = ImmutableSet.copyOf(spans);
        all.stream().filter(span -> !span.fitted()).forEach(span -> layers.put(span, span.planned()));
        List<Span> helped = all.stream().filter(Span::fitted).toList();
        if (!helped.isEmpty()) {
            try (FittedSpans fitting = open(helped)) {
                for (FittedSpans.Start start : starts(helped)) {
                    ImmutableList<CollapsePlan> fitted = fitting.fit(start.layer(), start.plans(), start.merged())
                            .fitted(start.plans());
                    List<Span> some = at(start.layer(), helped);
                    for (int i = 0; i < some.size(); i++) {
                        layers.put(some.get(i), fitted.get(i).layers().get(start.layer()));
                    }
                }
            }
        }
        return layers.buildOrThrow();
    }

    private FittedSpans open(Collection<Span> spans) {
        return context.fittedSpans(
                fit, spans.stream().mapToInt(Span::merged).max().orElseThrow());
    }

    /** The spans from the bottom up, those that start at one layer together. */
    private ImmutableList<FittedSpans.Start> starts(Collection<Span> spans) {
        return spans.stream()
                .map(Span::layer)
                .distinct()
                .sorted()
                .map(layer -> {
                    List<Span> some = at(layer, spans);
                    return new FittedSpans.Start(
                            layer,
                            some.stream().map(span -> span.alone(original)).collect(ImmutableList.toImmutableList()),
                            some.stream().map(Span::merged).collect(ImmutableList.toImmutableList()));
                })
                .collect(ImmutableList.toImmutableList());
    }

    private static List<Span> at(int layer, Collection<Span> spans) {
        return spans.stream()
                .filter(span -> span.layer() == layer)
                .sorted(Span.FROM_BELOW)
                .toList();
    }
}
