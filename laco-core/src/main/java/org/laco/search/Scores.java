package org.laco.search;

import com.google.common.collect.ImmutableList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.laco.fit.Fit;
import org.laco.measure.Evaluation;
import org.laco.plan.CollapsePlan;

/** The candidates that were measured by one objective. */
final class Scores {
    private final Map<CollapsePlan, Evaluation> known = new HashMap<>();
    /** Those that were measured with others. */
    private final Set<CollapsePlan> together = new HashSet<>();
    /** For each refit the candidates measured after a fit, by their plans before it: a fitted plan holds weights. */
    private final Map<Fit, Map<CollapsePlan, Evaluation>> fitted = new HashMap<>();

    boolean knows(CollapsePlan candidate) {
        return known.containsKey(candidate);
    }

    Evaluation get(CollapsePlan candidate, Function<CollapsePlan, Evaluation> measure) {
        return known.computeIfAbsent(candidate, measure);
    }

    /** Returns what is known of candidates, after measuring together those that aren't. */
    ImmutableList<Evaluation> getAll(
            List<CollapsePlan> candidates, Function<List<CollapsePlan>, ImmutableList<Evaluation>> measure) {
        List<CollapsePlan> unknown =
                candidates.stream().distinct().filter(plan -> !knows(plan)).toList();
        ImmutableList<Evaluation> measured = measure.apply(unknown);
        for (int i = 0; i < unknown.size(); i++) {
            known.put(unknown.get(i), measured.get(i));
            if (unknown.size() > 1) {
                together.add(unknown.get(i));
            }
        }
        return candidates.stream().map(known::get).collect(ImmutableList.toImmutableList());
    }

    /** Forgets a candidate if it was measured with others. */
    void forgetIfTogether(CollapsePlan candidate) {
        if (together.remove(candidate)) {
            known.remove(candidate);
        }
    }

    /** Returns what is known of candidates after a fit, by their plans before it; the caller adds to it. */
    Map<CollapsePlan, Evaluation> after(Fit refit) {
        return fitted.computeIfAbsent(refit, fit -> new HashMap<>());
    }
}
