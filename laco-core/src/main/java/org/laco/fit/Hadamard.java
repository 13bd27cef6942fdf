package org.laco.fit;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.LongMath;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Hadamard matrices: square matrices of 1 and −1 whose rows are orthogonal. One of a power of two is Sylvester's; others are his doubling
 * of one of Paley's two constructions from the quadratic residues of a prime.
 */
final class Hadamard {
    private Hadamard() {}

    /**
     * Makes an orthogonal matrix.
     *
     * @param size the number of rows
     * @return the Hadamard matrix over √size in double, {@code [size, size]}
     * @throws IllegalArgumentException if the constructions give none of that size
     */
    static INDArray orthogonal(int size) {
        return Nd4j.createFromArray(of(size)).divi(Math.sqrt(size));
    }

    /** Doubles the smallest matrix that there is until it has the size. */
    static double[][] of(int size) {
        int odd = size >> Integer.numberOfTrailingZeros(size);
        for (int start = odd; start <= size; start *= 2) {
            Optional<double[][]> matrix = smallest(start);
            if (matrix.isPresent()) {
                double[][] doubled = matrix.get();
                while (doubled.length < size) {
                    doubled = twice(doubled);
                }
                return doubled;
            }
        }
        checkArgument(
                false,
                "no Hadamard matrix of size %s is made here: the hidden width must be a power of two, or that "
                        + "times 12, 20, 28, 36 or another size of Paley's",
                size);
        throw new AssertionError();
    }

    private static Optional<double[][]> smallest(int size) {
        if (size == 1) {
            return Optional.of(new double[][] {{1}});
        }
        int half = size / 2;
        if (size % 4 == 0 && LongMath.isPrime(size - 1)) {
            return Optional.of(fromSkew(conference(size - 1)));
        }
        return size % 4 == 0 && half % 4 == 2 && LongMath.isPrime(half - 1)
                ? Optional.of(fromSymmetric(conference(half - 1)))
                : Optional.empty();
    }

    private static double[][] twice(double[][] matrix) {
        int size = matrix.length;
        double[][] doubled = new double[2 * size][2 * size];
        for (int row = 0; row < 2 * size; row++) {
            for (int column = 0; column < 2 * size; column++) {
                double sign = row >= size && column >= size ? -1 : 1;
                doubled[row][column] = sign * matrix[row % size][column % size];
            }
        }
        return doubled;
    }

    /**
     * Borders the residues of differences, χ(i − j), with ones: skew if the prime is 3 modulo 4, symmetric if it is 1. The diagonal is 0, and
     * any two rows are orthogonal.
     */
    private static double[][] conference(int prime) {
        boolean[] residue = new boolean[prime];
        for (long i = 1; i < prime; i++) {
            residue[(int) (i * i % prime)] = true;
        }
        double below = prime % 4 == 3 ? -1 : 1;
        double[][] matrix = new double[prime + 1][prime + 1];
        for (int i = 0; i < prime; i++) {
            matrix[0][i + 1] = 1;
            matrix[i + 1][0] = below;
            for (int j = 0; j < prime; j++) {
                if (i != j) {
                    matrix[i + 1][j + 1] = residue[Math.floorMod(i - j, prime)] ? 1 : -1;
                }
            }
        }
        return matrix;
    }

    /** Paley's first construction, S + I. */
    private static double[][] fromSkew(double[][] matrix) {
        for (int i = 0; i < matrix.length; i++) {
            matrix[i][i] = 1;
        }
        return matrix;
    }

    /** Paley's second construction, S ⊗ [1 1; 1 −1] + I ⊗ [1 −1; −1 −1]. */
    private static double[][] fromSymmetric(double[][] matrix) {
        double[][] whole = new double[2 * matrix.length][2 * matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix.length; j++) {
                boolean diagonal = i == j;
                whole[2 * i][2 * j] = diagonal ? 1 : matrix[i][j];
                whole[2 * i][2 * j + 1] = diagonal ? -1 : matrix[i][j];
                whole[2 * i + 1][2 * j] = diagonal ? -1 : matrix[i][j];
                whole[2 * i + 1][2 * j + 1] = diagonal ? -1 : -matrix[i][j];
            }
        }
        return whole;
    }
}
