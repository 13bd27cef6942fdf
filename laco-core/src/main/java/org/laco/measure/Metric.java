package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerStack;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How similar a model's output is to the original's, as one number a sequence of which more is better.
 *
 * <p>{@link Metrics} has this library's metrics by name. A search takes any other one too, by the instance alone. Implementations are
 * immutable.
 */
public interface Metric {
    /**
     * Returns the name that steps and records give the metric, by which {@link Metrics#named} finds those of this library.
     *
     * @return such as {@code cosine}
     */
    String name();

    /**
     * Returns whether the metric compares next-token distributions, which only a language model has.
     *
     * @return false if hidden states are enough
     */
    default boolean needsLogits() {
        return false;
    }

    /**
     * Measures each sequence.
     *
     * @param candidate the final hidden states of the one model, {@code [rows, width]}
     * @param reference those of the original, of the same shape
     * @param stack the original, whose head gives logits
     * @param calibration the sequences
     * @return one number a sequence, without sequences that the metric says nothing of; NaN where hidden states are not finite or have no
     *     direction
     * @throws UnsupportedOperationException if the metric needs logits and the stack is no language model
     */
    ImmutableList<Double> perSequence(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration);

    /**
     * Measures a batch by the mean over its sequences.
     *
     * @param candidate the final hidden states of the one model, {@code [rows, width]}
     * @param reference those of the original, of the same shape
     * @param stack the original, whose head gives logits
     * @param calibration the sequences
     * @return the mean, and the number of each sequence
     * @throws UnsupportedOperationException if the metric needs logits and the stack is no language model
     */
    default Score score(INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        return mean(perSequence(candidate, reference, stack, calibration));
    }

    /**
     * Makes a score by this metric of the number of each sequence.
     *
     * @param each one number a sequence, at least one
     * @return the mean and the numbers themselves
     */
    default Score mean(ImmutableList<Double> each) {
        return new Score(
                name(), each.stream().mapToDouble(Double::doubleValue).average().orElseThrow(), each);
    }

    /**
     * Measures several models' output on one batch. The default measures one after another; metrics that need logits compute the
     * original's once.
     *
     * @param candidates the final hidden states of each model, {@code [rows, width]}
     * @param reference those of the original, of the same shape
     * @param stack the original, whose head gives logits
     * @param calibration the sequences
     * @return what {@link #score} returns for each
     * @throws UnsupportedOperationException if the metric needs logits and the stack is no language model
     */
    default ImmutableList<Score> scoreAll(
            List<INDArray> candidates, INDArray reference, LayerStack stack, Calibration calibration) {
        return candidates.stream()
                .map(candidate -> score(candidate, reference, stack, calibration))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * Returns a cheaper metric to look at many models by before some of them are measured by this one, which tells apart only tokens
     * that the original finds likely. What such a metric says is near what this one says of most models, not of all, so that it
     * decides nothing by itself. The default returns this metric, and what compares no tokens keeps it.
     *
     * @param likeliest how many tokens of each row are told apart at least
     * @param reference the final hidden states of the original on the rows that will be compared, {@code [rows, width]}
     * @param stack the original, whose head gives logits
     * @return the metric for these rows
     */
    default Metric amongLikely(int likeliest, INDArray reference, LayerStack stack) {
        return this;
    }

    /**
     * Refuses a model or sequences that this metric can't compare. The default asks for a language model and tokens where the metric
     * needs logits.
     *
     * @param stack the original
     * @param calibration the sequences
     * @throws IllegalArgumentException with a message that says what would fit
     */
    default void check(LayerStack stack, Calibration calibration) {
        if (needsLogits() && stack instanceof LanguageStack language) {
            checkArgument(
                    language.vocabulary() > 0, "the objective %s needs logits: %s", name(), language.whyNoLogits());
        }
        checkArgument(
                !needsLogits() || LanguageStack.of(stack).isPresent() && calibration.isTokens(),
                "the objective %s needs a language model and calibration sequences of tokens",
                name());
    }

    /**
     * Returns the step in which a score changes that is counted and not weighed. Rounding may change such a score by a step. A part of
     * the sequences has larger steps, so that such a score is neither measured on a part nor in less precision.
     *
     * @return the step; 0, the default, for a score that changes little where the hidden states do
     */
    default double step() {
        return 0;
    }

    /**
     * Returns what the record of a search says of this metric beside its name. The default is nothing.
     *
     * @return numbers, strings or booleans by names that no setting of a search has
     */
    default ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of();
    }

    /**
     * Returns what the record says of the result by this metric where it is none of {@link Metrics#all}. The default is nothing.
     *
     * @param candidate the final hidden states of the result, {@code [rows, width]}
     * @param reference those of the original, of the same shape
     * @param stack the original, whose head gives logits
     * @return the figures by name
     */
    default ImmutableMap<String, Double> figures(INDArray candidate, INDArray reference, LayerStack stack) {
        return ImmutableMap.of();
    }
}
