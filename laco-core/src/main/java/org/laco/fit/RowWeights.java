package org.laco.fit;

import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Square roots of the weights of rows, {@code ‖target‖^(−1/2)}, and 0 for the first position of each sequence of more than one: its
 * activations are often hundreds of times larger than all others and would decide the fit alone.
 */
final class RowWeights implements AutoCloseable {
    private final INDArray roots;

    RowWeights(INDArray target, SequenceLayout sequences) {
        float[] values;
        try (INDArray norms = target.norm2(1)) {
            values = norms.toFloatVector();
        }
        for (int row = 0; row < values.length; row++) {
            values[row] = values[row] > 0 ? (float) (1 / Math.sqrt(values[row])) : 0;
        }
        for (int i = 0; i < sequences.count(); i++) {
            if (sequences.length(i) > 1) {
                values[sequences.start(i)] = 0;
            }
        }
        roots = Nd4j.createFromArray(values).reshape('c', values.length, 1);
    }

    /** Weights rows in place. */
    INDArray apply(INDArray rows) {
        return rows.muliColumnVector(roots);
    }

    @Override
    public void close() {
        roots.close();
    }
}
