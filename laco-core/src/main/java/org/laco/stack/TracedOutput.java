package org.laco.stack;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The output of a layer, or of a step within it, together with what entered its {@link OutputMap}.
 *
 * @param activations what entered the map, {@code [rows, in]}
 * @param output the hidden states that leave the layer or the step, {@code [rows, width]}
 */
public record TracedOutput(INDArray activations, INDArray output) implements AutoCloseable {
    /** Frees both arrays. */
    @Override
    public void close() {
        activations.close();
        output.close();
    }
}
