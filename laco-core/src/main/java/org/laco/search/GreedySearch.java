package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.laco.measure.Metric;
import org.laco.measure.Score;
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
        new BaseLayers(low);
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
    public boolean confirmsWhatItAccepts() {
        return true;
    }

    @Override
    public void check(int layers) {
        new BaseLayers(low).check(layers);
    }

    @Override
    public Found search(SearchContext context, SearchLog log) {
        while (log.current().size() > context.target()) {
            Scored best = best(context, log)
                    .orElseThrow(() -> new IllegalArgumentException(String.format(
                            "the target of %d layers can't be met: no two adjacent layers of the %d that are left may be merged",
                            context.target(), log.current().size())));
            log.accept(best.candidate.plan, best.candidate.layer, best.candidate.merged, best.score);
            context.scores().rebase(log.current());
        }
        return Found.merged(log.current());
    }

    /** Scores every candidate of the current model; all but the best are recorded as refused. */
    private Optional<Scored> best(SearchContext context, SearchLog log) {
        List<Candidate> candidates = candidates(context, log);
        log.expect(layerRuns(candidates, log.current().size(), context.target()));
        ImmutableList<Score> scores =
                context.scores().of(candidates.stream().map(Candidate::plan).toList());
        List<Scored> scored = new ArrayList<>();
        for (int i = 0; i < scores.size(); i++) {
            scored.add(new Scored(candidates.get(i), scores.get(i)));
        }
        Optional<Scored> best = least(context.scores(), scored, log.score());
        for (Scored one : scored) {
            if (best.isEmpty() || one.candidate != best.get().candidate) {
                // Some have been confirmed by now.
                log.refuse(
                        one.candidate.plan,
                        one.candidate.layer,
                        one.candidate.merged,
                        context.scores().of(one.candidate.plan));
            }
        }
        return best;
    }

    /** The work until the target is met, if each merge removes a layer: none removes fewer. Later models have as many rules to try as this one. */
    private long layerRuns(List<Candidate> candidates, int layers, int target) {
        double now = layerRuns(layers, target);
        long all = 0;
        for (int left = layers; left > target; left--) {
            all += layerRuns(left, target);
        }
        long counted = candidates.stream()
                .mapToLong(candidate -> layers - candidate.layer - candidate.merged)
                .sum();
        return Math.round(counted * (all / now));
    }

    /** How often layers are run for one rule and all candidates of a model: each runs its merged layer and those above. */
    private long layerRuns(int layers, int target) {
        long runs = 0;
        for (int layer = layers - 2; layer >= low; layer--) {
            for (int merged = 1; merged <= mostMerged(layer, layers, target); merged++) {
                runs += layers - layer - merged;
            }
        }
        return runs;
    }

    private int mostMerged(int layer, int layers, int target) {
        return Math.min(Math.min(layersPerMerge - 1, layers - target), layers - layer - 1);
    }

    private List<Candidate> candidates(SearchContext context, SearchLog log) {
        CollapsePlan current = log.current();
        List<Candidate> candidates = new ArrayList<>();
        for (int layer = current.size() - 2; layer >= low; layer--) {
            for (int merged = 1; merged <= mostMerged(layer, current.size(), context.target()); merged++) {
                for (CollapsePlan plan : context.spans(current, layer, merged)) {
                    Optional<String> difference = context.difference(plan, layer);
                    if (difference.isPresent()) {
                        log.skip(layer, merged, difference.get());
                    } else {
                        candidates.add(new Candidate(layer, merged, plan));
                    }
                }
            }
        }
        return candidates;
    }

    /** Returns the candidate of least loss, confirmed together with all that the tolerance of their scores could put in its place. */
    private static Optional<Scored> least(CandidateScores scores, List<Scored> scored, Score before) {
        Optional<Scored> least = least(scored, before);
        if (least.isEmpty()) {
            return least;
        }
        double bound = least.get().lossPerLayer(before) + 2 * scores.tolerance();
        return least(
                scored.stream()
                        .filter(one -> one.lossPerLayer(before) <= bound)
                        .map(one -> new Scored(one.candidate, scores.confirm(one.candidate.plan)))
                        .toList(),
                before);
    }

    private static Optional<Scored> least(List<Scored> scored, Score before) {
        Scored best = null;
        for (Scored one : scored) {
            if (best == null || one.lossPerLayer(before) < best.lossPerLayer(before)) {
                best = one;
            }
        }
        return Optional.ofNullable(best);
    }

    private record Candidate(int layer, int merged, CollapsePlan plan) {}

    private record Scored(Candidate candidate, Score score) {
        double lossPerLayer(Score before) {
            return score.lossFrom(before) / candidate.merged;
        }
    }
}
