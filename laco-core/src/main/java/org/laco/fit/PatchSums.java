package org.laco.fit;

import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What is added up over the calibration for the matrix of one gap. */
interface PatchSums extends AutoCloseable {
    /**
     * Adds the original's hidden states of some sequences.
     *
     * @param before what enters the layers that are left out, {@code [rows, width]}
     * @param after what leaves them
     * @param sequences how the rows divide into sequences
     */
    void add(INDArray before, INDArray after, SequenceLayout sequences);

    /**
     * Makes the matrix P of {@code x P ≈ y} for rows x before and y after the gap.
     *
     * @return the matrix in float32, {@code [width, width]}, which the caller closes
     * @throws ArithmeticException if the hidden states determine none
     */
    INDArray matrix();

    @Override
    void close();
}
