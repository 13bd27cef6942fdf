package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.laco.measure.Evaluation;
import org.laco.measure.Metric;
import org.laco.merge.MergeRule;
import org.laco.plan.CollapsePlan;

/**
 * Merges, again and again until the target is met, where the current model loses least per layer removed: every base layer, every
 * number of following layers and every rule is measured.
 *
 * <p>The hidden states of the current model are kept, so a candidate is run from its merged layer upward only.
 *
 * @param name the name in the record
 * @param low the lowest base layer, at least 0
 * @param layersPerMerge the most layers C that one merge makes into one, at least 2
 * @param rule how linear weights are merged, or the rules tried for each merge
 * @param objective what candidates are compared by
 */
public record GreedySearch(String name, int low, int layersPerMerge, MergeRule rule, Metric objective)
        implements Search {
    /** Checks the numbers. */
    public GreedySearch {
        LowestBase.requireLayer(low);
        checkArgument(layersPerMerge >= 2, "a merge takes at least 2 layers, not %s", layersPerMerge);
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of("low", low, "layersPerMerge", layersPerMerge);
    }

    @Override
    public boolean needsTarget() {
        return true;
    }

    @Override
    public boolean measuresCloseCallsAgain() {
        return true;
    }

    @Override
    public void check(int layers) {
        LowestBase.requireRoom(low, layers);
    }

    @Override
    public CollapsePlan search(SearchSession session) {
        while (session.current().size() > session.target()) {
            Optional<Measured> best = best(session);
            checkArgument(
                    best.isPresent(),
                    "the target of %s layers can't be met: no two adjacent layers of the %s that are left may be merged",
                    session.target(),
                    session.current().size());
            session.accept(best.get().candidate.plan, best.get().step(true));
            session.rebase();
        }
        return session.current();
    }

    /** Measures every candidate of the current model; all but the best are recorded as refused. */
    private Optional<Measured> best(SearchSession session) {
        CollapsePlan current = session.current();
        double before = session.evaluation().similarity();
        int most = Math.min(layersPerMerge - 1, current.size() - session.target());
        List<Candidate> candidates = new ArrayList<>();
        for (int layer = current.size() - 2; layer >= low; layer--) {
            for (int merged = 1; merged <= Math.min(most, current.size() - layer - 1); merged++) {
                for (CollapsePlan plan : session.merges(current, layer, merged)) {
                    Optional<String> difference = session.difference(plan, layer);
                    if (difference.isPresent()) {
                        session.reject(CollapseStep.skipped(layer, merged, difference.get()));
                    } else {
                        candidates.add(new Candidate(layer, merged, plan));
                    }
                }
            }
        }
        ImmutableList<Evaluation> evaluations =
                session.evaluate(candidates.stream().map(Candidate::plan).toList());
        List<Measured> measured = new ArrayList<>();
        for (int i = 0; i < evaluations.size(); i++) {
            measured.add(new Measured(candidates.get(i), evaluations.get(i)));
        }
        Optional<Measured> best = least(session, measured, before);
        for (Measured one : measured) {
            if (best.isEmpty() || one.candidate != best.get().candidate) {
                session.reject(one.step(false));
            }
        }
        return best;
    }

    /** Returns the candidate of least loss; where several are so near that rounding could decide, they are measured alone. */
    private static Optional<Measured> least(SearchSession session, List<Measured> measured, double before) {
        Optional<Measured> least = least(measured, before);
        if (least.isEmpty()) {
            return least;
        }
        double bound = least.get().lossPerLayer(before) + 2 * session.noise();
        List<Measured> near = measured.stream()
                .filter(one -> one.lossPerLayer(before) <= bound)
                .toList();
        return near.size() == 1
                ? least
                : least(
                        near.stream()
                                .map(one -> new Measured(one.candidate, session.evaluateAlone(one.candidate.plan)))
                                .toList(),
                        before);
    }

    private static Optional<Measured> least(List<Measured> measured, double before) {
        Measured best = null;
        for (Measured one : measured) {
            if (best == null || one.lossPerLayer(before) < best.lossPerLayer(before)) {
                best = one;
            }
        }
        return Optional.ofNullable(best);
    }

    private record Candidate(int layer, int merged, CollapsePlan plan) {}

    private record Measured(Candidate candidate, Evaluation evaluation) {
        double lossPerLayer(double before) {
            double similarity = evaluation.similarity();
            return Double.isNaN(similarity) ? Double.POSITIVE_INFINITY : (before - similarity) / candidate.merged;
        }

        CollapseStep step(boolean accepted) {
            return CollapseStep.evaluated(
                    candidate.layer, candidate.merged, candidate.plan.rule(candidate.layer), evaluation, accepted);
        }
    }
}
