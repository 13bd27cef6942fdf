package org.laco.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class HostFloatsTest {
    @ParameterizedTest
    @CsvSource({"0, 4", "1, 3", "2, 3", "3, 4"})
    void readsTheRowsOfAMatrixThatAViewShows(int from, int to) {
        INDArray matrix = Nd4j.createFromArray(new float[][] {{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {9, 10, 11}});
        float[] values = new float[3 * (to - from)];

        HostFloats.of(HostFloats.rows(matrix, from, to)).get(0, values, values.length);

        assertThat(values[0]).isEqualTo(3 * from);
        assertThat(values[values.length - 1]).isEqualTo(3 * to - 1);
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 3"})
    void readsTheRowsOfAMatrixOfOneColumn(int from, int to) {
        INDArray matrix = Nd4j.createFromArray(new float[][] {{0}, {1}, {2}, {3}});
        float[] values = new float[to - from];

        HostFloats.of(HostFloats.rows(matrix, from, to)).get(0, values, values.length);

        assertThat(values[0]).isEqualTo(from);
        assertThat(values[values.length - 1]).isEqualTo(to - 1);
    }

    @Test
    void refusesElementsThatDoNotFollowOneAnother() {
        INDArray matrix = Nd4j.createFromArray(new float[][] {{0, 1, 2}, {3, 4, 5}});

        assertThatIllegalArgumentException()
                .isThrownBy(() -> HostFloats.of(matrix.getColumn(1, true)))
                .withMessageEndingWith("is not a dense float32 array in 'c' order");
    }
}
