package org.laco.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class HadamardTest {
    /** Powers of two; 12, 20, 24, 44, 60 and 84 of Paley's first construction, 28 and 36 of the second; 576, 640 and 960 of real models. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 12, 20, 24, 28, 36, 44, 60, 64, 84, 576, 640, 896, 960})
    void hasRowsOfOnesThatAreOrthogonal(int size) {
        double[][] matrix = Hadamard.of(size);

        assertThat(matrix).hasDimensions(size, size);
        for (int i = 0; i < size; i++) {
            assertThat(Arrays.stream(matrix[i]).map(Math::abs)).containsOnly(1.0);
            for (int j = 0; j < i; j++) {
                double dot = 0;
                for (int k = 0; k < size; k++) {
                    dot += matrix[i][k] * matrix[j][k];
                }
                assertThat(dot).as("rows %s and %s", i, j).isZero();
            }
        }
    }

    @Test
    void isSylvestersForAPowerOfTwo() {
        assertThat(Hadamard.of(4))
                .isDeepEqualTo(new double[][] {{1, 1, 1, 1}, {1, -1, 1, -1}, {1, 1, -1, -1}, {1, -1, -1, 1}});
    }

    @Test
    void isOrthogonalOverTheRootOfItsSize() {
        INDArray matrix = Hadamard.orthogonal(12);

        assertThat(matrix.mmul(matrix.transpose()).getDouble(3, 3)).isCloseTo(1, within(1e-12));
        assertThat(Math.abs(matrix.getDouble(5, 7))).isCloseTo(Math.sqrt(1 / 12.0), within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 6, 18})
    void refusesASizeThatHasNone(int size) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Hadamard.of(size))
                .withMessageStartingWith("no Hadamard matrix of size " + size + " is made here");
    }
}
