package org.laco.search;

import com.google.common.collect.ImmutableList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.laco.fit.Fit;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;

/** The scores of candidates by one metric and one way of screening: those measured together, and those that are exact. */
final class ScoreCache {
    private final Map<CollapsePlan, Score> screened = new HashMap<>();
    private final Map<CollapsePlan, Score> confirmed = new HashMap<>();
    /** For each fit the scores of candidates after it, by their plans before it: a fitted plan holds weights. */
    private final Map<Fit, Map<CollapsePlan, Score>> fitted = new HashMap<>();

    boolean knows(CollapsePlan candidate) {
        return confirmed.containsKey(candidate) || screened.containsKey(candidate);
    }

    Score confirm(CollapsePlan candidate, Function<CollapsePlan, Score> measure) {
        return confirmed.computeIfAbsent(candidate, measure);
    }

    /** Returns what is known of candidates, after screening together those that aren't. */
    ImmutableList<Score> screen(
            List<CollapsePlan> candidates, Function<List<CollapsePlan>, ImmutableList<Score>> measure) {
        List<CollapsePlan> unknown =
                candidates.stream().distinct().filter(plan -> !knows(plan)).toList();
        if (!unknown.isEmpty()) {
            ImmutableList<Score> measured = measure.apply(unknown);
            for (int i = 0; i < unknown.size(); i++) {
                screened.put(unknown.get(i), measured.get(i));
            }
        }
        return candidates.stream().map(this::known).collect(ImmutableList.toImmutableList());
    }

    /** Returns what is known of a candidate, exact if that is known. */
    Score known(CollapsePlan candidate) {
        return confirmed.getOrDefault(candidate, screened.get(candidate));
    }

    /** Returns what is known of candidates after a fit, by their plans before it; the caller adds to it. */
    Map<CollapsePlan, Score> after(Fit fit) {
        return fitted.computeIfAbsent(fit, key -> new HashMap<>());
    }
}
