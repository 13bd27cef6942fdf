package org.laco.refit;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The sums XᵀX and XᵀY of a least squares problem, in double, added up from blocks of rows. */
final class NormalEquations implements AutoCloseable {
    private final INDArray gram;
    private final INDArray cross;

    NormalEquations(long features, long outputs) {
        gram = Nd4j.zeros(DataType.DOUBLE, features, features).dup('f');
        cross = Nd4j.zeros(DataType.DOUBLE, features, outputs).dup('f');
    }

    /** Adds rows: inputs {@code [rows, features]} and targets {@code [rows, outputs]} in float32. */
    void add(INDArray inputs, INDArray targets) {
        try (INDArray x = inputs.castTo(DataType.DOUBLE);
                INDArray y = targets.castTo(DataType.DOUBLE)) {
            Nd4j.gemm(x, x, gram, true, false, 1, 1);
            Nd4j.gemm(x, y, cross, true, false, 1, 1);
        }
    }

    /**
     * Solves (XᵀX + λI) D = XᵀY.
     *
     * @param multiple λ as a multiple of the mean diagonal of XᵀX
     * @return the solution {@code [features, outputs]} in double, a new array
     * @throws ArithmeticException if the sums are not finite, or λ is too small for them
     */
    INDArray solve(double multiple) {
        double mean = Cholesky.diagonal(gram).meanNumber().doubleValue();
        try (Cholesky factor = Cholesky.of(gram, multiple * mean)) {
            return factor.solve(cross);
        }
    }

    @Override
    public void close() {
        gram.close();
        cross.close();
    }
}
