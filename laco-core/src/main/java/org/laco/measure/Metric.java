package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.laco.stack.Calibration;
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
}
