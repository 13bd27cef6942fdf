package org.laco.fit;

import java.util.ArrayList;
import java.util.List;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.blas.BlasException;
import org.nd4j.linalg.api.buffer.DataType;
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
    private static final int BLOCK = 128;
    private static final int COLUMNS = 144;
    /** By how much, relatively, float32 rounds the activations that a Gram matrix is summed from. */
    private static final double ROUNDING = Math.ulp(1f) / 2;

    /** Of each block of rows what is left of the diagonal; nothing for the first. */
    private final List<INDArray> panels = new ArrayList<>();

    private final List<INDArray> inverses = new ArrayList<>();

    private Cholesky(INDArray lower) {
        long size = lower.size(0);
        for (long from = 0; from < size; from += BLOCK) {
            long to = Math.min(size, from + BLOCK);
            panels.add(block(lower, from, to, 0, Math.max(1, from)));
            inverses.add(inverse(block(lower, from, to, from, to)));
        }
    }

    /**
     * Factors {@code matrix + shift · I} in the matrix's place.
     *
     * @param matrix the matrix in 'f' order, of which the half below the diagonal is read; it belongs to the factor afterwards
     * @throws ArithmeticException if the sum is not positive definite, or so nearly singular that rounding would decide the solution
     */
    static Cholesky of(INDArray matrix, double shift) {
        double[] before = diagonal(matrix).addi(shift).toDoubleVector();
        try {
            Nd4j.getBlasWrapper().lapack().potrf(matrix, true);
        } catch (BlasException e) {
            matrix.close();
            throw unfit(before.length);
        }
        double[] pivots = diagonal(matrix).toDoubleVector();
        for (int i = 0; i < pivots.length; i++) {
            if (!(pivots[i] * pivots[i] > before[i] * pivots.length * ROUNDING * ROUNDING)) {
                matrix.close();
                throw unfit(before.length);
            }
        }
        try (matrix) {
            return new Cholesky(matrix);
        }
    }

    private static ArithmeticException unfit(int width) {
        return new ArithmeticException("the activations' Gram matrix of width " + width
                + " can't be factored: it is not finite, or it is singular and the ridge is too small for it; fit to more tokens, or with "
                + "a larger ridge");
    }

    /** Views the diagonal of a matrix in 'f' order that is as high as wide or higher. */
    static INDArray diagonal(INDArray matrix) {
        return Nd4j.create(
                matrix.data(), new long[] {matrix.size(1)}, new long[] {matrix.size(0) + 1}, matrix.offset(), 'c');
    }

    /** Solves A X = B for a new X in 'c' order, some columns at a time, and at the same time where {@link NormalEquations#tiles} can. */
    INDArray solve(INDArray right) {
        long columns = right.size(1);
        INDArray x = Nd4j.createUninitialized(DataType.DOUBLE, right.shape(), 'c');
        NormalEquations.tiles(0, Math.toIntExact((columns + COLUMNS - 1) / COLUMNS))
                .forEach(tile -> {
                    long from = (long) tile * COLUMNS;
                    long to = Math.min(columns, from + COLUMNS);
                    try (INDArray some =
                            NormalEquations.columns(right, from, to).dup('c')) {
                        solveInPlace(some);
                        x.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to))
                                .assign(some);
                    }
                });
        return x;
    }

    private void solveInPlace(INDArray x) {
        for (int block = 0; block < panels.size(); block++) {
            INDArray rows = rows(x, block);
            if (block > 0) {
                try (INDArray product =
                        multiply(panels.get(block), HostFloats.rows(x, 0, (long) block * BLOCK), false)) {
                    rows.subi(product);
                }
            }
            try (INDArray solved = multiply(inverses.get(block), rows, false)) {
                rows.assign(solved);
            }
        }
        for (int block = panels.size() - 1; block >= 0; block--) {
            INDArray rows = rows(x, block);
            try (INDArray solved = multiply(inverses.get(block), rows, true)) {
                rows.assign(solved);
            }
            if (block > 0) {
                try (INDArray product = multiply(panels.get(block), rows, true)) {
                    HostFloats.rows(x, 0, (long) block * BLOCK).subi(product);
                }
            }
        }
    }

    private static INDArray rows(INDArray x, int block) {
        return HostFloats.rows(x, (long) block * BLOCK, Math.min(x.size(0), (block + 1L) * BLOCK));
    }

    private static INDArray multiply(INDArray factor, INDArray x, boolean transposed) {
        INDArray product =
                Nd4j.createUninitialized(DataType.DOUBLE, new long[] {factor.size(transposed ? 1 : 0), x.size(1)}, 'f');
        return Nd4j.gemm(factor, x, product, transposed, false, 1, 0);
    }

    private static INDArray block(INDArray lower, long from, long to, long column, long endColumn) {
        return lower.get(NDArrayIndex.interval(from, to), NDArrayIndex.interval(column, endColumn))
                .dup('f');
    }

    /** Inverts a triangular block on the diagonal. */
    private static INDArray inverse(INDArray block) {
        double[][] factor = block.toDoubleMatrix();
        block.close();
        int size = factor.length;
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
        panels.forEach(INDArray::close);
        inverses.forEach(INDArray::close);
    }
}
