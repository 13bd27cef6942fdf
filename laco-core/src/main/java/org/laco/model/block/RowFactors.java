package org.laco.model.block;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One factor a row. */
final class RowFactors {
    private RowFactors() {}

    /** Multiplies each row by its factor, in place. */
    static void multiply(INDArray rows, float[] factors) {
        try (INDArray column = Nd4j.createFromArray(factors)) {
            rows.muliColumnVector(column.reshape(factors.length, 1));
        }
    }

    static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** Returns the sum of each row of the elements' products. */
    static float[] products(INDArray rows, INDArray others) {
        try (INDArray products = rows.mul(others);
                INDArray sums = products.sum(1)) {
            return sums.toFloatVector();
        }
    }
}
