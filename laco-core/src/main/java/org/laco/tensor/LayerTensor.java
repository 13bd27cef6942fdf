package org.laco.tensor;

import static java.util.Objects.requireNonNull;

/**
 * A tensor of a layer together with what it is for.
 *
 * @param tensor the stored tensor
 * @param role what it is for
 */
public record LayerTensor(StoredTensor tensor, TensorRole role) {
    /** Checks that nothing is null. */
    public LayerTensor {
        requireNonNull(tensor, "tensor");
        requireNonNull(role, "role");
    }
}
