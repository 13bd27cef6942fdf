package org.laco.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class CalibrationTest {
    private final Calibration tokens =
            Calibration.ofTokens(new int[] {1, 2, 3}, new int[] {4, 5}, new int[] {6}, new int[] {7, 8});

    @ParameterizedTest
    @CsvSource({"0,1", "3,1", "4,1", "5,2", "6,3", "7,3", "8,4", "1000,4"})
    void beginsWithTheSequencesThatFitANumberOfRows(long rows, int count) {
        assertThat(tokens.first(rows).layout().count()).isEqualTo(count);
    }

    @Test
    void dividesIntoSequences() {
        Calibration middle = tokens.sequences(1, 3);

        assertThat(middle.layout().count()).isEqualTo(2);
        assertThat(middle.tokens(0)).containsExactly(4, 5);
        assertThat(middle.tokens(1)).containsExactly(6);
    }

    @Test
    void dividesFeatureRowsToo() {
        Calibration features = Calibration.ofFeatures(
                Nd4j.ones(DataType.FLOAT, 2, 3), Nd4j.zeros(DataType.FLOAT, 1, 3), Nd4j.ones(DataType.FLOAT, 4, 3));

        assertThat(features.first(3).layout().rows()).isEqualTo(3);
        assertThat(features.sequences(1, 2).features(0).sumNumber().doubleValue())
                .isZero();
    }

    @Test
    void hasNoSequencesBeyondItsEnd() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokens.sequences(3, 5))
                .withMessage("there are no sequences from 3 to before 5 in a calibration of 4");
        assertThatIllegalArgumentException().isThrownBy(() -> tokens.sequences(2, 2));
    }
}
