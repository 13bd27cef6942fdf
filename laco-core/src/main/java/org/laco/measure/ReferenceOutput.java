package org.laco.measure;

import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The original stack's output on the calibration sequences, kept to compare other outputs with it without computing it again.
 *
 * <pre>{@code
 * try (INDArray output = FinalHiddenStates.of(reopened, result.calibration())) {
 *     double similarity = result.reference().compare(output).similarity();
 * }
 * }</pre>
 */
public final class ReferenceOutput {
    private final INDArray states;
    private final SequenceLayout sequences;

    private ReferenceOutput(INDArray states, SequenceLayout sequences) {
        this.states = states;
        this.sequences = sequences;
    }

    /**
     * Keeps an output.
     *
     * @param states the final hidden states after the final norm, {@code [rows, width]}, which are copied
     * @param sequences how the rows divide into sequences
     * @return the output
     */
    public static ReferenceOutput of(INDArray states, SequenceLayout sequences) {
        return new ReferenceOutput(states.dup('c'), sequences);
    }

    /**
     * Measures another model's output by the paper's metric.
     *
     * @param output its final hidden states on the same sequences, {@code [rows, width]}
     * @return the mean of the sequences' cosines, and each of them
     */
    public Score compare(INDArray output) {
        return new FlattenedCosine().score(output, states, sequences);
    }
}
