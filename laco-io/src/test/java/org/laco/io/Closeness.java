package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Compares matrices with expected ones. */
final class Closeness {
    private Closeness() {}

    /** The rows of one sequence. */
    static INDArray rows(INDArray matrix, SequenceLayout layout, int sequence) {
        int start = layout.start(sequence);
        return matrix.get(NDArrayIndex.interval(start, start + layout.length(sequence)), NDArrayIndex.all());
    }

    /** Compares the largest difference with a tolerance, and closes the expected matrix. */
    static void assertClose(INDArray actual, INDArray expected, double tolerance, String what) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        try (expected;
                INDArray difference = actual.sub(expected)) {
            assertThat(difference.amaxNumber().doubleValue()).as(what).isLessThanOrEqualTo(tolerance);
        }
    }
}
