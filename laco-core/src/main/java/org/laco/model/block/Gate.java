package org.laco.model.block;

import org.laco.kernel.Activation;
import org.laco.kernel.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How the outputs of a gate's map and an up map become one. Implementations have value equality. */
public interface Gate {
    /**
     * Makes the usual gate, {@code activation(gate) ⊙ up}.
     *
     * @param activation the function
     * @return the gate
     */
    static Gate of(Activation activation) {
        return new ActivationGate(activation);
    }

    /**
     * Joins two matrices, in place of the first.
     *
     * @param gate what the gate's map gave, which receives the result
     * @param up what the up map gave, which may be changed
     * @param kernels the arithmetic
     */
    void apply(INDArray gate, INDArray up, Kernels kernels);

    /**
     * Joins two matrices, as {@link #apply} does, and leaves both as they are.
     *
     * @param gate what the gate's map gave
     * @param up what the up map gave
     * @param kernels the arithmetic
     * @return a new array, which the caller releases
     */
    INDArray joined(INDArray gate, INDArray up, Kernels kernels);

    /**
     * Passes a gradient back.
     *
     * @param gate what the gate's map gave
     * @param up what the up map gave
     * @param gradient by the result, which becomes that by {@code gate}, in place
     * @param kernels the arithmetic
     * @return by {@code up}, a new array
     */
    INDArray backward(INDArray gate, INDArray up, INDArray gradient, Kernels kernels);
}
