package org.laco.measure;

import java.util.function.DoubleBinaryOperator;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Sums over the rows of products of two matrices, in double. */
final class RowSums {
    private RowSums() {}

    /** Returns Σ x y of each row. */
    static double[] ofProducts(INDArray x, INDArray y) {
        return sums(x, y, (one, other) -> one * other);
    }

    /** Returns Σ (x − y)² of each row. */
    static double[] ofSquaredDifferences(INDArray x, INDArray y) {
        return sums(x, y, (one, other) -> (one - other) * (one - other));
    }

    private static double[] sums(INDArray x, INDArray y, DoubleBinaryOperator term) {
        int width = Math.toIntExact(x.size(1));
        HostFloats ones = HostFloats.of(x);
        HostFloats others = HostFloats.of(y);
        float[] one = new float[width];
        float[] other = new float[width];
        double[] sums = new double[(int) x.size(0)];
        for (int row = 0; row < sums.length; row++) {
            ones.get(row * width, one, width);
            others.get(row * width, other, width);
            for (int i = 0; i < width; i++) {
                sums[row] += term.applyAsDouble(one[i], other[i]);
            }
        }
        return sums;
    }
}
