package org.laco.search;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.laco.fit.Fit;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.search.MeasuredScore.Kind;

/** The scores of candidates by one metric and one way of screening: those measured together, and those that are exact. */
final class ScoreCache {
    private final Map<CollapsePlan, Score> screened = new HashMap<>();
    private final Map<CollapsePlan, Score> confirmed = new HashMap<>();
    /** For each fit the scores of candidates after it, by their plans before it: a fitted plan holds weights. */
    private final Map<Fit, Map<CollapsePlan, Score>> fitted = new HashMap<>();
    /** Those that were measured elsewhere, whose fits are known by their names alone. */
    private final List<MeasuredScore> fittedElsewhere = new ArrayList<>();

    private final Listener listener;

    ScoreCache(Listener listener) {
        this.listener = listener;
    }

    /** Is told of each score that is measured. */
    @FunctionalInterface
    interface Listener {
        void measured(Kind kind, Optional<String> fit, CollapsePlan plan, Score score);
    }

    boolean knows(CollapsePlan candidate) {
        return confirmed.containsKey(candidate) || screened.containsKey(candidate);
    }

    Score confirm(CollapsePlan candidate, Function<CollapsePlan, Score> measure) {
        if (!confirmed.containsKey(candidate)) {
            Score score = measure.apply(candidate);
            confirmed.put(candidate, score);
            listener.measured(Kind.CONFIRMED, Optional.empty(), candidate, score);
        }
        return confirmed.get(candidate);
    }

    /** Screens lists of candidates, and hands on the scores of each. */
    interface Screen {
        void each(List<List<CollapsePlan>> lists, Consumer<ImmutableList<Score>> each);
    }

    /** Returns what is known of candidates, after screening together those that aren't. */
    ImmutableList<Score> screen(
            List<CollapsePlan> candidates, Function<List<CollapsePlan>, ImmutableList<Score>> measure) {
        return screenEach(
                        ImmutableList.of(candidates),
                        (lists, each) -> lists.forEach(list -> each.accept(measure.apply(list))))
                .get(0);
    }

    /** Returns what is known of the candidates of several lists, after screening together those of each list that aren't. */
    ImmutableList<ImmutableList<Score>> screenEach(List<? extends List<CollapsePlan>> lists, Screen measure) {
        Set<CollapsePlan> asked = new HashSet<>();
        List<List<CollapsePlan>> unknown = lists.stream()
                .map(list -> list.stream()
                        .filter(plan -> !knows(plan) && asked.add(plan))
                        .toList())
                .filter(list -> !list.isEmpty())
                .toList();
        if (!unknown.isEmpty()) {
            Iterator<List<CollapsePlan>> next = unknown.iterator();
            measure.each(unknown, scores -> add(next.next(), scores));
        }
        return lists.stream()
                .map(list -> list.stream().map(this::known).collect(ImmutableList.toImmutableList()))
                .collect(ImmutableList.toImmutableList());
    }

    private void add(List<CollapsePlan> candidates, List<Score> measured) {
        for (int i = 0; i < candidates.size(); i++) {
            screened.put(candidates.get(i), measured.get(i));
            listener.measured(Kind.SCREENED, Optional.empty(), candidates.get(i), measured.get(i));
        }
    }

    /** Returns what is known of a candidate, exact if that is known. */
    Score known(CollapsePlan candidate) {
        return confirmed.getOrDefault(candidate, screened.get(candidate));
    }

    /** Returns what is known of a candidate after a fit. */
    Optional<Score> after(Fit fit, CollapsePlan candidate) {
        return Optional.ofNullable(of(fit).get(candidate));
    }

    /** Keeps the score of a candidate after a fit. */
    void putAfter(Fit fit, CollapsePlan candidate, Score score) {
        of(fit).put(candidate, score);
        listener.measured(Kind.FITTED, Optional.of(fit.name()), candidate, score);
    }

    private Map<CollapsePlan, Score> of(Fit fit) {
        return fitted.computeIfAbsent(fit, key -> {
            Map<CollapsePlan, Score> known = new HashMap<>();
            fittedElsewhere.stream()
                    .filter(score -> score.isAfter(key))
                    .forEach(score -> known.put(score.plan(), score.score()));
            return known;
        });
    }

    /** Takes over what was measured elsewhere. */
    void add(MeasuredScore score) {
        switch (score.kind()) {
            case SCREENED -> screened.put(score.plan(), score.score());
            case CONFIRMED -> confirmed.put(score.plan(), score.score());
            case FITTED -> {
                fittedElsewhere.add(score);
                fitted.forEach((fit, known) -> {
                    if (score.isAfter(fit)) {
                        known.put(score.plan(), score.score());
                    }
                });
            }
        }
    }
}
