package org.laco.fit;

import org.nd4j.linalg.api.blas.BlasException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The factor L of a symmetric positive definite matrix, A = L Lᵀ, in double.
 *
 * <p>The factorisation is LAPACK's. The two triangular solves are done here block by block with matrix products, since ND4J's binding
 * of {@code dtrsm} passes an illegal argument.
 */
final class Cholesky implements AutoCloseable {
    private static final int BLOCK = 64;
    /** By how much, relatively, float32 rounds the activations that a Gram matrix is summed from. */
    private static final double ROUNDING = Math.ulp(1f) / 2;

    private final INDArray lower;

    private Cholesky(INDArray lower) {
        this.lower = lower;
    }

    /**
     * Factors {@code matrix + shift · I}, leaving the matrix as it is.
     *
     * @throws ArithmeticException if the sum is not positive definite, or so nearly singular that rounding would decide the solution
     */
    static Cholesky of(INDArray matrix, double shift) {
        INDArray shifted = matrix.dup('f');
        double[] before = diagonal(shifted).addi(shift).toDoubleVector();
        try {
            Nd4j.getBlasWrapper().lapack().potrf(shifted, true);
        } catch (BlasException e) {
            shifted.close();
            throw unfit(matrix);
        }
        double[] pivots = diagonal(shifted).toDoubleVector();
        for (int i = 0; i < pivots.length; i++) {
            if (!(pivots[i] * pivots[i] > before[i] * pivots.length * ROUNDING * ROUNDING)) {
                shifted.close();
                throw unfit(matrix);
            }
        }
        return new Cholesky(shifted);
    }

    private static ArithmeticException unfit(INDArray matrix) {
        return new ArithmeticException("the activations' Gram matrix of width " + matrix.size(0)
                + " can't be factored: it is not finite, or it is singular and the ridge is too small for it; fit to more tokens, or with "
                + "a larger ridge");
    }

    /** Views the diagonal of a square matrix. */
    static INDArray diagonal(INDArray matrix) {
        long size = matrix.size(0);
        return Nd4j.create(matrix.data(), new long[] {size}, new long[] {size + 1}, 0, 'c');
    }

    /** Solves A X = B for a new X in 'c' order. */
    INDArray solve(INDArray right) {
        INDArray x = right.dup('c');
        int size = (int) lower.size(0);
        for (int from = 0; from < size; from += BLOCK) {
            int to = Math.min(size, from + BLOCK);
            substitute(x, from, to, 0, from, false);
        }
        for (int from = (size - 1) / BLOCK * BLOCK; from >= 0; from -= BLOCK) {
            int to = Math.min(size, from + BLOCK);
            substitute(x, from, to, to, size, true);
        }
        return x;
    }

    /** Solves for the rows {@code [from, to)}, the rows {@code [known, end)} being solved already. */
    private void substitute(INDArray x, int from, int to, int known, int end, boolean transposed) {
        INDArray rows = x.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
        if (known < end) {
            try (INDArray factors = transposed
                            ? block(known, end, from, to).transpose().dup('c')
                            : block(from, to, known, end);
                    INDArray solved = x.get(NDArrayIndex.interval(known, end), NDArrayIndex.all())
                            .dup('c');
                    INDArray product = factors.mmul(solved)) {
                rows.subi(product);
            }
        }
        try (INDArray inverse = inverse(from, to);
                INDArray oriented = transposed ? inverse.transpose().dup('c') : inverse.dup('c');
                INDArray product = oriented.mmul(rows)) {
            rows.assign(product);
        }
    }

    private INDArray block(int row, int endRow, int column, int endColumn) {
        return lower.get(NDArrayIndex.interval(row, endRow), NDArrayIndex.interval(column, endColumn))
                .dup('c');
    }

    /** Inverts a triangular block on the diagonal. */
    private INDArray inverse(int from, int to) {
        double[][] factor;
        try (INDArray block = block(from, to, from, to)) {
            factor = block.toDoubleMatrix();
        }
        int size = to - from;
        double[][] inverse = new double[size][size];
        for (int column = 0; column < size; column++) {
            inverse[column][column] = 1 / factor[column][column];
            for (int row = column + 1; row < size; row++) {
                double sum = 0;
                for (int k = column; k < row; k++) {
                    sum += factor[row][k] * inverse[k][column];
                }
                inverse[row][column] = -sum / factor[row][row];
            }
        }
        return Nd4j.createFromArray(inverse);
    }

    @Override
    public void close() {
        lower.close();
    }
}
