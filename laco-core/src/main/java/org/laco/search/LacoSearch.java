package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Optional;
import org.laco.evaluate.Batching;
import org.laco.measure.Score;
import org.laco.merge.MergeRule;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

/**
 * The search of the paper (arXiv 2402.11187, Algorithm 1).
 *
 * @param schedule the base layers that are looked at
 * @param threshold the similarity T that a candidate has to exceed, from −1 to 1
 */
public record LacoSearch(Schedule schedule, double threshold) implements Search {
    /** Checks the threshold. */
    public LacoSearch {
        requireNonNull(schedule, "schedule");
        checkArgument(threshold >= -1 && threshold <= 1, "the threshold must be from -1 to 1, not %s", threshold);
    }

    @Override
    public String name() {
        return "laco";
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        return ImmutableMap.<String, Object>builder()
                .putAll(schedule.parameters())
                .put("threshold", threshold)
                .buildOrThrow();
    }

    @Override
    public boolean confirmsWhatItAccepts() {
        return true;
    }

    @Override
    public Search toTarget() {
        return new ThresholdSearch(schedule);
    }

    @Override
    public void check(int layers) {
        schedule.check(layers);
    }

    @Override
    public Optional<CostEstimate> estimateCost(
            LayerStack stack, Calibration calibration, MergeRule rule, Batching batching) {
        return Optional.of(CostEstimate.of(schedule, stack, calibration, rule, batching));
    }

    @Override
    public Found search(SearchContext context, SearchLog log) {
        // Step 1: start with the base layer C below the top of the range.
        Schedule.Walk walk = schedule.walk(context.layerCount());
        while (walk.isInRange()) {
            scoreAhead(context, log.current(), walk);
            // Step 2: merge as many of the C - 1 following layers as there are. There is one at least: the range ends
            // inside the model, and a merge at l leaves l + 1 layers or more, so that the next base layer has one above
            // it. The authors' code also lets the range end outside the model, and then accepts candidates that merge
            // nothing.
            boolean accepted = accepts(context, log, walk.layer());
            // Step 3: go on I layers below an accepted merge. Step 4: else at the next base layer.
            walk.decided(accepted);
        }
        return Found.above(log.current(), threshold);
    }

    /** Scores the candidates of the next base layers together, unless the first of them are known. */
    private void scoreAhead(SearchContext context, CollapsePlan current, Schedule.Walk walk) {
        ImmutableList<Integer> bases = walk.ahead(
                base -> candidates(context, current, base).size(),
                base -> context.difference(candidates(context, current, base).get(0), base)
                        .isEmpty(),
                context.scores().batching());
        List<CollapsePlan> first = bases.isEmpty() ? List.of() : candidates(context, current, bases.get(0));
        if (!first.stream().allMatch(context.scores()::knows)) {
            context.scores()
                    .of(bases.stream()
                            .flatMap(base -> candidates(context, current, base).stream())
                            .toList());
        }
    }

    private ImmutableList<CollapsePlan> candidates(SearchContext context, CollapsePlan current, int layer) {
        return context.merges(current, layer, schedule.following(layer, current.size()));
    }

    private boolean accepts(SearchContext context, SearchLog log, int layer) {
        int merged = schedule.following(layer, log.current().size());
        ImmutableList<CollapsePlan> candidates = candidates(context, log.current(), layer);
        Optional<String> difference = context.difference(candidates.get(0), layer);
        if (difference.isPresent()) {
            log.skip(layer, merged, difference.get());
            return false;
        }
        CandidateScores scores = context.scores();
        CollapsePlan candidate = scores.best(candidates, layer, merged, log);
        Score score = scores.of(candidate);
        if (scores.isOpen(score, threshold)) {
            score = scores.confirm(candidate);
        }
        boolean accepted = score.value() > threshold;
        if (accepted) {
            log.accept(candidate, layer, merged, score);
        } else {
            log.refuse(candidate, layer, merged, score);
        }
        return accepted;
    }
}
