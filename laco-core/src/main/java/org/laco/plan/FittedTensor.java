package org.laco.plan;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.laco.tensor.StoredTensor;

/**
 * A weight in the place of the one that follows from the source layers.
 *
 * @param provenance what made it
 * @param sha256 the SHA-256 of the stored values, row-major and little-endian, in hexadecimal
 * @param values the values, empty in a plan that was read from JSON
 */
public record FittedTensor(Provenance provenance, String sha256, Optional<StoredTensor> values) {
    /** Checks that nothing is null. */
    public FittedTensor {
        requireNonNull(provenance, "provenance");
        requireNonNull(sha256, "sha256");
        requireNonNull(values, "values");
    }
}
