package org.laco.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.Random;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.laco.kernel.SingleThreaded;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NormalEquationsTest {
    private static final int ROWS = 400;
    private static final int FEATURES = 150;
    private static final int OUTPUTS = 7;

    private final Random random = new Random(4);
    private final float[][] inputs = matrix(ROWS, FEATURES);
    private final float[][] targets = matrix(ROWS, OUTPUTS);

    private float[][] matrix(int rows, int columns) {
        float[][] values = new float[rows][columns];
        for (float[] row : values) {
            for (int i = 0; i < columns; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return values;
    }

    /** Least squares by QR of the inputs with √λ I below them: another way to the same minimum, by another library. */
    private static RealMatrix byQr(float[][] inputs, float[][] targets, double multiple) {
        int rows = inputs.length;
        int features = inputs[0].length;
        double squares = 0;
        RealMatrix x = MatrixUtils.createRealMatrix(rows + features, features);
        RealMatrix y = MatrixUtils.createRealMatrix(rows + features, targets[0].length);
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < features; i++) {
                x.setEntry(row, i, inputs[row][i]);
                squares += (double) inputs[row][i] * inputs[row][i];
            }
            for (int i = 0; i < targets[0].length; i++) {
                y.setEntry(row, i, targets[row][i]);
            }
        }
        for (int i = 0; i < features; i++) {
            x.setEntry(rows + i, i, Math.sqrt(multiple * squares / features));
        }
        return new QRDecomposition(x).getSolver().solve(y);
    }

    private static INDArray rows(float[][] matrix, int from, int to) {
        return Nd4j.createFromArray(Arrays.copyOfRange(matrix, from, to));
    }

    @Test
    void agreesWithAnIndependentSolverWhereverTheRowsAreCut() {
        RealMatrix expected = byQr(inputs, targets, 0.1);
        try (NormalEquations equations = new NormalEquations(FEATURES, OUTPUTS, 1)) {
            equations.add(rows(inputs, 0, 130), ImmutableList.of(rows(targets, 0, 130)));
            equations.add(rows(inputs, 130, ROWS), ImmutableList.of(rows(targets, 130, ROWS)));

            equations.solve(mean -> 0.1 * mean, (kind, solution) -> {
                for (int row = 0; row < FEATURES; row++) {
                    for (int column = 0; column < OUTPUTS; column++) {
                        assertThat(solution.getDouble(row, column))
                                .isCloseTo(expected.getEntry(row, column), within(1e-12));
                    }
                }
            });
        }
    }

    @Test
    void solvesForEveryKindOfTargetsAndEveryRidgeFromTheSameSums() {
        float[][] others = matrix(ROWS, OUTPUTS);
        try (NormalEquations equations = new NormalEquations(FEATURES, OUTPUTS, 2)) {
            equations.add(
                    Nd4j.createFromArray(inputs),
                    ImmutableList.of(Nd4j.createFromArray(targets), Nd4j.createFromArray(others)));
            for (double ridge : new double[] {1, 0.001}) {
                equations.solve(mean -> ridge * mean, (kind, solution) -> assertThat(solution.getDouble(149, 6))
                        .isCloseTo(
                                byQr(inputs, kind == 0 ? targets : others, ridge)
                                        .getEntry(149, 6),
                                within(1e-11)));
            }
        }
    }

    @Test
    void agreesWhereThereAreManyTilesAndEachIsComputedInAThreadOfItsOwn() {
        float[][] wide = matrix(450, 410);
        float[][] many = matrix(450, 300);
        RealMatrix expected = byQr(wide, many, 0.1);
        for (boolean divided : new boolean[] {false, true}) {
            SingleThreaded.callIf(divided, () -> {
                try (NormalEquations equations = new NormalEquations(410, 300, 1)) {
                    equations.add(rows(wide, 0, 200), ImmutableList.of(rows(many, 0, 200)));
                    equations.add(rows(wide, 200, 450), ImmutableList.of(rows(many, 200, 450)));
                    equations.solve(mean -> 0.1 * mean, (kind, solution) -> {
                        for (int row = 0; row < 410; row++) {
                            for (int column = 0; column < 300; column++) {
                                assertThat(solution.getDouble(row, column))
                                        .isCloseTo(expected.getEntry(row, column), within(1e-12));
                            }
                        }
                    });
                }
                return null;
            });
        }
    }

    @Test
    void refusesToSolveWhatRoundingWouldDecide() {
        for (float[] row : inputs) {
            row[7] = row[3] - 2 * row[5];
        }
        try (NormalEquations equations = new NormalEquations(FEATURES, OUTPUTS, 1)) {
            equations.add(Nd4j.createFromArray(inputs), ImmutableList.of(Nd4j.createFromArray(targets)));

            assertThatThrownBy(() -> equations.solve(mean -> 0, (kind, solution) -> {}))
                    .isInstanceOf(ArithmeticException.class)
                    .hasMessageContaining("it is singular and the ridge is too small for it");
        }
    }

    @Test
    void saysThatSumsAreNotFinite() {
        inputs[3][5] = Float.NaN;
        try (NormalEquations equations = new NormalEquations(FEATURES, OUTPUTS, 1)) {
            equations.add(Nd4j.createFromArray(inputs), ImmutableList.of(Nd4j.createFromArray(targets)));

            assertThatThrownBy(() -> equations.solve(mean -> 0.1 * mean, (kind, solution) -> {}))
                    .isInstanceOf(ArithmeticException.class)
                    .hasMessage(
                            "the activations' Gram matrix of width 150 can't be factored: it is not finite, or it is"
                                    + " singular and the ridge is too small for it; fit to more tokens, or with a larger"
                                    + " ridge");
        }
    }
}
