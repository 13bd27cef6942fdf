package org.laco.model.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import org.junit.jupiter.api.Test;

/** Frequencies of heads of 16 elements and base 10000, against those that transformers 5.23 computes. */
class RotaryScalingTest {
    private static final double RELATIVE = 3e-7;
    private static final Rotary ROTARY = new Rotary(16, 10000, new NoScaling(), false);
    private static final float[] UNSCALED = {
        1f, 0.316227764f, 0.100000001f, 0.0316227786f, 0.00999999978f, 0.00316227786f, 0.00100000005f, 0.000316227786f
    };

    @Test
    void linearDividesEachFrequency() {
        assertFrequencies(
                new LinearScaling(2.5).scale(UNSCALED, 17),
                0.400000006,
                0.1264911,
                0.0399999991,
                0.0126491114,
                0.00399999972,
                0.00126491114,
                0.000400000019,
                0.000126491112);
    }

    @Test
    void dynamicChangesNothingUpToTheTrainedLength() {
        assertThat(new DynamicScaling(4, 64).scale(UNSCALED, 64)).isEqualTo(UNSCALED);
    }

    @Test
    void dynamicRaisesTheBaseForLongerSequences() {
        assertFrequencies(
                new DynamicScaling(4, 64).scale(UNSCALED, 100),
                1.0,
                0.267223001,
                0.0714081228,
                0.0190818924,
                0.00509912008,
                0.00136260199,
                0.000364118576,
                9.730085e-05);
    }

    @Test
    void llama3StretchesLongWavelengthsAndKeepsShortOnes() {
        assertFrequencies(
                new Llama3Scaling(8, 1, 4, 64).scale(UNSCALED, 17),
                1.0,
                0.244384587,
                0.0130422562,
                0.00395284733,
                0.00124999997,
                0.000395284733,
                0.000125000006,
                3.95284733e-05);
    }

    @Test
    void yarnRampsBetweenWholePairs() {
        YarnScaling scaling = YarnScaling.of(4, ROTARY, 64, 32, 1, true, 1);
        assertFrequencies(
                scaling.scale(UNSCALED, 17),
                1.0,
                0.237170815,
                0.049999997,
                0.00790569466,
                0.00249999994,
                0.000790569466,
                0.000250000012,
                7.90569466e-05);
    }

    @Test
    void yarnRampsBetweenFractionsOfPairsIfTheyAreNotRounded() {
        YarnScaling scaling = YarnScaling.of(8, ROTARY, 64, 16, 2, false, 1);
        assertFrequencies(
                scaling.scale(UNSCALED, 17),
                1.0,
                0.120533988,
                0.0125000002,
                0.00395284733,
                0.00124999997,
                0.000395284733,
                0.000125000006,
                3.95284733e-05);
    }

    @Test
    void longRopeTakesTheFactorsByTheLengthOfTheSequence() {
        LongRopeScaling scaling = new LongRopeScaling(
                ImmutableList.of(1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7),
                ImmutableList.of(1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0),
                8,
                1);
        assertFrequencies(
                scaling.scale(UNSCALED, 8),
                1.0,
                0.287479758,
                0.0833333358,
                0.0243252143,
                0.00714285718,
                0.00210818532,
                0.000624999986,
                0.000186016332);
        assertFrequencies(
                scaling.scale(UNSCALED, 9),
                0.666666687,
                0.158113882,
                0.0333333351,
                0.00790569466,
                0.00200000009,
                0.00052704633,
                0.000142857141,
                3.95284733e-05);
    }

    @Test
    void longRopeRefusesFactorsThatAreNotOneAPair() {
        LongRopeScaling scaling = new LongRopeScaling(ImmutableList.of(1.0), ImmutableList.of(1.0), 8, 1);
        assertThatThrownBy(() -> scaling.scale(UNSCALED, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("longrope has 1 factors for 8 rotary frequencies");
    }

    private static void assertFrequencies(float[] actual, double... expected) {
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).as("frequency %s", i).isCloseTo(expected[i], within(RELATIVE * expected[i]));
        }
    }
}
