package org.laco.measure;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import org.laco.tensor.Precision;

/**
 * What candidates are compared by: how near a model's output is to the original's by one metric, higher for the nearer.
 *
 * <p>A value that is not a number, as of hidden states that overflow, is worse than any other.
 *
 * @param metric the name of the metric, such as {@code cosine}
 * @param value the mean over all calibration sequences: a similarity, or a loss with its sign turned
 * @param perSequence the value of each sequence
 * @param precision in which it was computed
 */
public record Score(String metric, double value, ImmutableList<Double> perSequence, Precision precision) {
    /** Checks that nothing is null. */
    public Score {
        requireNonNull(metric, "metric");
        requireNonNull(perSequence, "perSequence");
        requireNonNull(precision, "precision");
    }

    /**
     * Makes a score that was computed in float32.
     *
     * @param metric the metric's name
     * @param value the mean over all calibration sequences
     * @param perSequence the value of each sequence
     */
    public Score(String metric, double value, ImmutableList<Double> perSequence) {
        this(metric, value, perSequence, Precision.FLOAT32);
    }

    /**
     * Returns this score as one of another precision.
     *
     * @param computed in which it was computed
     * @return the score
     */
    public Score in(Precision computed) {
        return new Score(metric, value, perSequence, computed);
    }

    /**
     * Returns whether this is the better one of two scores by the same metric.
     *
     * @param other the other
     * @return false for equal ones, and for NaN
     */
    public boolean isBetterThan(Score other) {
        return rank() > other.rank();
    }

    /**
     * Returns by how much a model is worse than another.
     *
     * @param before the score of the other, by the same metric
     * @return the difference, negative if it is better; infinity if this is not a number
     */
    public double lossFrom(Score before) {
        return Double.isNaN(value) ? Double.POSITIVE_INFINITY : before.value - value;
    }

    /**
     * Returns a number by which scores can be ordered.
     *
     * @return the value, negative infinity in the place of NaN
     */
    public double rank() {
        return Double.isNaN(value) ? Double.NEGATIVE_INFINITY : value;
    }
}
