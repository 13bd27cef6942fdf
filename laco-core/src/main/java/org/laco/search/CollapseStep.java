package org.laco.search;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.OptionalDouble;
import org.laco.measure.Score;
import org.laco.merge.MergeRule;

/**
 * One candidate that a search looked at, and what became of it.
 *
 * @param layer the base layer l, a number of the model that was current then
 * @param merged the number m of following layers merged into it
 * @param rule the rule that the candidate's layer was merged by; empty if it was skipped, or merges runs of layers by several rules
 * @param metric the name of the metric that the search compares by; empty if it was skipped
 * @param similarity the candidate's similarity to the original model by that metric, higher for the more
 *     similar: the paper's cosine, or a negative loss; empty if it was skipped
 * @param perSequence the similarity on each calibration sequence, empty if it was skipped
 * @param accepted whether the candidate became the current model
 * @param skipped why the candidate was not evaluated, empty if it was
 */
public record CollapseStep(
        int layer,
        int merged,
        Optional<MergeRule> rule,
        Optional<String> metric,
        OptionalDouble similarity,
        ImmutableList<Double> perSequence,
        boolean accepted,
        Optional<String> skipped) {
    /** Checks that nothing is null. */
    public CollapseStep {
        requireNonNull(rule, "rule");
        requireNonNull(metric, "metric");
        requireNonNull(similarity, "similarity");
        requireNonNull(perSequence, "perSequence");
        requireNonNull(skipped, "skipped");
    }

    /**
     * Records a candidate that was evaluated.
     *
     * @param layer the base layer
     * @param merged the number of layers merged into it
     * @param rule the rule by which they were, empty if there were several
     * @param score how near its output is to the original's
     * @param accepted whether it became the current model
     * @return the step
     */
    public static CollapseStep evaluated(
            int layer, int merged, Optional<MergeRule> rule, Score score, boolean accepted) {
        return new CollapseStep(
                layer,
                merged,
                rule,
                Optional.of(score.metric()),
                OptionalDouble.of(score.value()),
                score.perSequence(),
                accepted,
                Optional.empty());
    }

    /**
     * Records a candidate that was not evaluated.
     *
     * @param layer the base layer
     * @param merged the number of layers that would have been merged into it
     * @param reason why, in one sentence
     * @return the step
     */
    public static CollapseStep skipped(int layer, int merged, String reason) {
        return new CollapseStep(
                layer,
                merged,
                Optional.empty(),
                Optional.empty(),
                OptionalDouble.empty(),
                ImmutableList.of(),
                false,
                Optional.of(reason));
    }
}
