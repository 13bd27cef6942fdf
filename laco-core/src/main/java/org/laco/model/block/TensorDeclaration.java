package org.laco.model.block;

import com.google.common.primitives.ImmutableLongArray;
import org.laco.tensor.TensorRole;

/**
 * A tensor that a part of a model needs.
 *
 * @param name its name, within the layer if it belongs to one
 * @param role what it is for
 * @param shape its shape
 * @param routed whether only rows that are sent to it need it, as those of an expert, so that it is read
 *     when one is
 */
public record TensorDeclaration(String name, TensorRole role, ImmutableLongArray shape, boolean routed) {
    /**
     * Declares a tensor that every row needs.
     *
     * @param name its name
     * @param role what it is for
     * @param shape its shape
     * @return the declaration
     */
    public static TensorDeclaration of(String name, TensorRole role, long... shape) {
        return new TensorDeclaration(name, role, ImmutableLongArray.copyOf(shape), false);
    }

    /** Returns the declaration of a tensor that only rows that are sent to it need. */
    TensorDeclaration onlyRouted() {
        return new TensorDeclaration(name, role, shape, true);
    }
}
