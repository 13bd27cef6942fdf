package org.laco.measure;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;

/**
 * How similar a model's output is to the original's, with all that a record holds of it.
 *
 * @param similarity the paper's cosine: its mean over the calibration sequences, and that of each
 * @param figures further figures by name, such as {@code token-cosine.p10}
 */
public record Evaluation(Score similarity, ImmutableMap<String, Double> figures) {
    /** Checks that nothing is null. */
    public Evaluation {
        requireNonNull(similarity, "similarity");
        requireNonNull(figures, "figures");
    }
}
