package org.laco.plan;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.laco.tensor.StoredTensor;

/**
 * A weight that was fitted to calibration sequences in the place of a merged one.
 *
 * @param method how it was fitted, such as {@code ridge}
 * @param ridge the strength of the pull toward the merged weight, relative to the mean diagonal of the activations' Gram matrix
 * @param errorBefore the relative error of the layer's output on held-out sequences with the merged weight
 * @param errorAfter the same with this one
 * @param sha256 the SHA-256 of the stored values, row-major and little-endian, in hexadecimal
 * @param values the values, empty in a plan that was read from JSON
 */
public record FittedTensor(
        String method,
        double ridge,
        double errorBefore,
        double errorAfter,
        String sha256,
        Optional<StoredTensor> values) {
    /** Checks that nothing is null. */
    public FittedTensor {
        requireNonNull(method, "method");
        requireNonNull(sha256, "sha256");
        requireNonNull(values, "values");
    }
}
