package org.laco.measure;

import static java.lang.Math.PI;
import static java.lang.Math.cos;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.laco.stack.Calibration;
import org.laco.stack.ForwardingStack;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class LayerSimilarityTest {
    private static final double[] ANGLES = {.3, .5, -.2, .4};
    /** One sequence of one position; one of two, whose rows have lengths 1 and 3. */
    private static final Calibration CALIBRATION =
            Calibration.ofFeatures(Nd4j.create(new float[][] {{2, 0}}), Nd4j.create(new float[][] {{0, 1}, {3, 0}}));

    private final RotatingStack stack =
            new RotatingStack(ANGLES, ImmutableList.copyOf(Collections.nCopies(4, ImmutableMap.of())));
    private final LayerSimilarity similarity = LayerSimilarity.measure(stack, CALIBRATION, MeasureSettings.defaults());

    @Test
    void blockInfluenceIsOneLessTheCosineOfAPosition() {
        for (int layer = 0; layer < ANGLES.length; layer++) {
            double mean = (2 * cos(ANGLES[layer]) + cos(2 * ANGLES[layer])) / 3;
            assertThat(similarity.blockInfluence().get(layer)).isCloseTo(1 - mean, within(1e-6));
        }
    }

    @Test
    void runInfluenceIsOneLessTheCosineOverARun() {
        assertThat(similarity.runInfluence()).hasSize(4);
        for (int start = 0; start < ANGLES.length; start++) {
            double turned = 0;
            assertThat(similarity.runInfluence().get(start)).hasSize(4 - start);
            for (int length = 1; start + length <= ANGLES.length; length++) {
                turned += ANGLES[start + length - 1];
                double mean = (2 * cos(turned) + cos(2 * turned)) / 3;
                assertThat(similarity.runInfluence().get(start).get(length - 1)).isCloseTo(1 - mean, within(1e-6));
            }
        }
    }

    @Test
    void adjacentCosineFlattensSequences() {
        for (int layer = 0; layer < ANGLES.length; layer++) {
            double longer = (cos(ANGLES[layer]) + 9 * cos(2 * ANGLES[layer])) / 10;
            assertThat(similarity.adjacentCosine().get(layer))
                    .isCloseTo((cos(ANGLES[layer]) + longer) / 2, within(1e-6));
        }
    }

    @Test
    void angularDistanceCoversEveryRunOfLayers() {
        for (int start = 0; start < ANGLES.length; start++) {
            double turned = 0;
            for (int length = 1; start + length <= ANGLES.length; length++) {
                turned += ANGLES[start + length - 1];
                double angle = Math.abs(turned);
                double twice = Math.min(2 * angle, 2 * PI - 2 * angle);
                assertThat(similarity.lastToken().get(start, length)).isCloseTo((angle + twice) / 2 / PI, within(1e-6));
                assertThat(similarity.allTokens().get(start, length))
                        .isCloseTo((2 * angle + twice) / 3 / PI, within(1e-6));
            }
        }
    }

    @Test
    void takesTheEndOfTheTopmostRunsAfterTheFinalNorm() {
        LayerSimilarity normed = LayerSimilarity.measure(
                new ForwardingStack(stack) {
                    @Override
                    public INDArray finish(INDArray hidden) {
                        return hidden.neg();
                    }
                },
                CALIBRATION,
                MeasureSettings.defaults());

        assertThat(normed.lastToken()).isEqualTo(similarity.lastToken());
        for (int start = 0; start < ANGLES.length; start++) {
            for (int length = 1; start + length < ANGLES.length; length++) {
                assertThat(normed.lastTokenNormed().get(start, length))
                        .isEqualTo(normed.lastToken().get(start, length));
            }
            // A half turn more.
            int toTheTop = ANGLES.length - start;
            assertThat(normed.lastTokenNormed().get(start, toTheTop))
                    .isCloseTo(1 - normed.lastToken().get(start, toTheTop), within(1e-9));
        }
    }

    @Test
    void findsTheRunThatChangesLeast() {
        assertThat(similarity.lastToken().closestRun(1)).isEqualTo(2);
        assertThat(similarity.lastToken().closestRun(2)).isEqualTo(2);
        assertThat(similarity.lastToken().closestRun(3)).isEqualTo(0);
        assertThat(similarity.lastToken().closestRun(4)).isEqualTo(0);
    }

    @Test
    void refusesRunsThatTheModelDoesNotHave() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> similarity.lastToken().get(2, 3))
                .withMessage("there is no run of 3 layers from layer 2 in a model of 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> similarity.lastToken().closestRun(5))
                .withMessage("there is no run of 5 layers from layer 0 in a model of 4");
    }

    @Test
    void doesNotDependOnHowTheWorkIsDivided() {
        LayerSimilarity divided = LayerSimilarity.measure(
                stack, CALIBRATION, MeasureSettings.defaults().withBatchRows(1).withHiddenBytes(1));

        assertThat(divided.blockInfluence())
                .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-9 ? 0 : Double.compare(a, b))
                .isEqualTo(similarity.blockInfluence());
        assertThat(divided.lastToken().get(1, 2))
                .isCloseTo(similarity.lastToken().get(1, 2), within(1e-9));
    }
}
