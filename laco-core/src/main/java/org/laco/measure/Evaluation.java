package org.laco.measure;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * How similar a model's output is to the original's.
 *
 * @param metric the name of the metric, such as {@code cosine}
 * @param similarity the similarity over all calibration sequences, by the paper's metric the mean of their cosines
 * @param perSequence the similarity on each sequence
 * @param measures further figures by name, such as {@code token-cosine.p10}; none for a search's candidates
 */
public record Evaluation(
        String metric, double similarity, ImmutableList<Double> perSequence, ImmutableMap<String, Double> measures) {
    /** Checks that nothing is null. */
    public Evaluation {
        requireNonNull(metric, "metric");
        requireNonNull(perSequence, "perSequence");
        requireNonNull(measures, "measures");
    }

    /**
     * Makes an evaluation by one metric.
     *
     * @param metric the metric's name
     * @param similarity the similarity over all calibration sequences
     * @param perSequence the similarity on each sequence
     */
    public Evaluation(String metric, double similarity, ImmutableList<Double> perSequence) {
        this(metric, similarity, perSequence, ImmutableMap.of());
    }

    /**
     * Returns this evaluation with further figures.
     *
     * @param figures the figures by name
     * @return the evaluation
     */
    public Evaluation with(ImmutableMap<String, Double> figures) {
        return new Evaluation(metric, similarity, perSequence, figures);
    }
}
