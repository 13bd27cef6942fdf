package org.laco.measure;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;

/**
 * How similar a model's output is to the original's, with all that a record holds of it.
 *
 * @param similarity the paper's cosine: its mean over the calibration sequences, and that of each
 * @param objective the same by the metric that candidates were compared by
 * @param figures further figures by name, such as {@code token-cosine.p10}
 */
public record Evaluation(Score similarity, Score objective, ImmutableMap<String, Double> figures) {
    /** Checks that nothing is null. */
    public Evaluation {
        requireNonNull(similarity, "similarity");
        requireNonNull(objective, "objective");
        requireNonNull(figures, "figures");
    }

    /**
     * Makes an evaluation of what was compared by its similarity.
     *
     * @param similarity the paper's cosine
     * @param figures further figures by name
     */
    public Evaluation(Score similarity, ImmutableMap<String, Double> figures) {
        this(similarity, similarity, figures);
    }
}
