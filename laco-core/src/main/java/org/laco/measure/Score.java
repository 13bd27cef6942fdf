package org.laco.measure;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.OptionalDouble;
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
 * @param similarity the paper's cosine of the same output, whatever the metric; the value itself where that is the metric, and empty where
 *     nobody has measured it
 */
public record Score(
        String metric,
        double value,
        ImmutableList<Double> perSequence,
        Precision precision,
        OptionalDouble similarity) {
    private static final String COSINE = new FlattenedCosine().name();

    /** Checks that nothing is null. */
    public Score {
        requireNonNull(metric, "metric");
        requireNonNull(perSequence, "perSequence");
        requireNonNull(precision, "precision");
        similarity = metric.equals(COSINE) ? OptionalDouble.of(value) : requireNonNull(similarity, "similarity");
    }

    /**
     * Makes a score without a similarity beside it.
     *
     * @param metric the metric's name
     * @param value the mean over all calibration sequences
     * @param perSequence the value of each sequence
     * @param precision in which it was computed
     */
    public Score(String metric, double value, ImmutableList<Double> perSequence, Precision precision) {
        this(metric, value, perSequence, precision, OptionalDouble.empty());
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
        return new Score(metric, value, perSequence, computed, similarity);
    }

    /**
     * Returns this score with the similarity of the same output beside it.
     *
     * @param cosine the paper's cosine, the mean over the calibration sequences; it is left aside where that is the metric
     * @return the score
     */
    public Score beside(double cosine) {
        return new Score(metric, value, perSequence, precision, OptionalDouble.of(cosine));
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
