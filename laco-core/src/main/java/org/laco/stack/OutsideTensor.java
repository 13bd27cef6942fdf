package org.laco.stack;

import static java.util.Objects.requireNonNull;

import org.laco.tensor.StoredTensor;

/**
 * A tensor outside of the layers that can be trained.
 *
 * @param tensor the stored tensor under its full name
 * @param part what it belongs to
 */
public record OutsideTensor(StoredTensor tensor, Part part) {
    /** The parts of a model outside of its layers. */
    public enum Part {
        /** The embedding of tokens, which may be the head too, and of positions. */
        EMBEDDING,
        /** The final norm. */
        NORM,
        /** A head of its own. */
        HEAD,
    }

    /** Checks that nothing is null. */
    public OutsideTensor {
        requireNonNull(tensor, "tensor");
        requireNonNull(part, "part");
    }
}
