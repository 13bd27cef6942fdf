package org.laco.fit;

import java.util.Arrays;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Square roots of the weights of rows. */
final class RowWeights implements AutoCloseable {
    private final INDArray roots;

    private RowWeights(float[] roots) {
        this.roots = Nd4j.createFromArray(roots).reshape('c', roots.length, 1);
    }

    /**
     * Weighs each row by {@code 1 / ‖target‖}, and the first position of each sequence of more than one by 0: its activations are often
     * hundreds of times larger than all others and would decide the fit alone.
     */
    static RowWeights ofInverseNorms(INDArray target, SequenceLayout sequences) {
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
        return new RowWeights(values);
    }

    /** Weighs all rows alike. */
    static RowWeights equal(SequenceLayout sequences) {
        float[] values = new float[sequences.rows()];
        Arrays.fill(values, 1);
        return new RowWeights(values);
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
