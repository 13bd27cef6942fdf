package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Optional;
import java.util.OptionalDouble;
import org.laco.measure.Score;
import org.laco.merge.MergeRule;

/**
 * One candidate that a search looked at, and what became of it.
 *
 * @param spans for each base layer l, a number of the model that was current then, the number m of following layers merged into it; several
 *     where a search measures a combination of spans as a whole
 * @param rule the rule that the candidate's layer was merged by; empty if it was skipped, or merges spans of layers by several rules
 * @param score how near the candidate's output is to the original model's, by the metric that the search compares by; empty if it was
 *     skipped
 * @param accepted whether the candidate became the current model
 * @param skipped why the candidate was not scored, empty if it was
 */
public record CollapseStep(
        ImmutableSortedMap<Integer, Integer> spans,
        Optional<MergeRule> rule,
        Optional<Score> score,
        boolean accepted,
        Optional<String> skipped) {
    /** Checks that a candidate merges something and is either scored or skipped. */
    public CollapseStep {
        checkArgument(!spans.isEmpty(), "a step merges at least one span of layers");
        requireNonNull(rule, "rule");
        checkArgument(
                score.isPresent() != skipped.isPresent(), "a step has either a score or a reason why it was skipped");
    }

    /**
     * Records a candidate that was scored.
     *
     * @param layer the base layer
     * @param merged the number of layers merged into it
     * @param rule the rule by which they were, empty if there were several
     * @param score how near its output is to the original's
     * @param accepted whether it became the current model
     * @return the step
     */
    public static CollapseStep scored(int layer, int merged, Optional<MergeRule> rule, Score score, boolean accepted) {
        return scored(ImmutableSortedMap.of(layer, merged), rule, score, accepted);
    }

    /**
     * Records a combination of spans that was scored as a whole.
     *
     * @param spans for each base layer the number of layers merged into it
     * @param rule the rule by which they were, empty if there were several
     * @param score how near its output is to the original's
     * @param accepted whether it became the current model
     * @return the step
     */
    public static CollapseStep scored(
            ImmutableSortedMap<Integer, Integer> spans, Optional<MergeRule> rule, Score score, boolean accepted) {
        return new CollapseStep(spans, rule, Optional.of(score), accepted, Optional.empty());
    }

    /**
     * Records a candidate that was not scored.
     *
     * @param layer the base layer
     * @param merged the number of layers that would have been merged into it
     * @param reason why, in one sentence
     * @return the step
     */
    public static CollapseStep skipped(int layer, int merged, String reason) {
        return new CollapseStep(
                ImmutableSortedMap.of(layer, merged), Optional.empty(), Optional.empty(), false, Optional.of(reason));
    }

    /**
     * Returns the similarity of the candidate's output to the original model's, the paper's cosine, whatever the search compares by.
     *
     * @return the similarity, empty if the candidate was skipped, or scored by an evaluator that doesn't measure it
     */
    public OptionalDouble similarity() {
        return score.map(Score::similarity).orElse(OptionalDouble.empty());
    }

    /**
     * Returns the base layer, of several the lowest.
     *
     * @return a number of the model that was current then
     */
    public int layer() {
        return spans.firstKey();
    }

    /**
     * Returns how many layers the candidate removes.
     *
     * @return the number of layers merged into the base layers
     */
    public int merged() {
        return spans.values().stream().mapToInt(Integer::intValue).sum();
    }
}
