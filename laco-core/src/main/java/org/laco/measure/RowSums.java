package org.laco.measure;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Sums over the rows of products of two matrices, in double. */
final class RowSums {
    private RowSums() {}

    /** Returns Σ x y of each row. */
    static double[] ofProducts(INDArray x, INDArray y) {
        try (INDArray product = wide(x);
                INDArray other = wide(y)) {
            return sums(product.muli(other));
        }
    }

    /** Returns Σ (x − y)² of each row. */
    static double[] ofSquaredDifferences(INDArray x, INDArray y) {
        try (INDArray difference = wide(x);
                INDArray other = wide(y)) {
            difference.subi(other);
            return sums(difference.muli(difference));
        }
    }

    private static INDArray wide(INDArray matrix) {
        INDArray wide = Nd4j.createUninitialized(DataType.DOUBLE, matrix.shape(), 'c');
        wide.assign(matrix);
        return wide;
    }

    private static double[] sums(INDArray matrix) {
        try (INDArray sums = matrix.sum(1)) {
            return sums.toDoubleVector();
        }
    }
}
