package org.laco.stack;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The derivative of a part of a model at the input that it was computed for. */
@FunctionalInterface
public interface Backward {
    /**
     * Passes a gradient back.
     *
     * @param gradient the loss's gradient by the output {@code [rows, out]}, left as it is
     * @param gradients receives the gradients of the weights that it wants
     * @return the loss's gradient by the input {@code [rows, in]}, a new array
     */
    INDArray apply(INDArray gradient, Gradients gradients);
}
