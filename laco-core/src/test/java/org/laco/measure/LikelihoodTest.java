package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

class LikelihoodTest {
    private static final CausalModel MODEL = LlamaFixtures.bigram(new double[][] {
        {.1, .2, .3, .4}, {.25, .25, .25, .25}, {.7, .1, .1, .1}, {.05, .05, .1, .8},
    });

    private static INDArray output(Calibration calibration) {
        return MODEL.finish(MODEL.hidden(calibration, MODEL.layerCount()));
    }

    @Test
    void leavesOutSequencesOfOneToken() {
        Calibration calibration =
                Calibration.ofTokens(List.of(new int[] {1}, new int[] {0, 3, 3}, new int[] {2}, new int[] {2, 0}));
        INDArray output = output(calibration);
        double first = Math.log(.4 * .8) / 2;
        double second = Math.log(.7);

        Score score = Metrics.likelihood().score(output, output, MODEL, calibration);

        assertThat(score.perSequence()).hasSize(2);
        assertThat(score.perSequence().get(0)).isCloseTo(first, within(1e-6));
        assertThat(score.perSequence().get(1)).isCloseTo(second, within(1e-6));
        assertThat(score.value()).isCloseTo((first + second) / 2, within(1e-6));
        assertThat(Metrics.figures(output, output, MODEL, calibration).get("likelihood.mean"))
                .isCloseTo((first + second) / 2, within(1e-6));
    }

    @Test
    void isOfNothingWhereNoTokenIsPredicted() {
        Calibration calibration = Calibration.ofTokens(List.of(new int[] {1}, new int[] {2}));
        INDArray output = output(calibration);

        assertThat(Metrics.figures(output, output, MODEL, calibration))
                .containsKey("kl.mean")
                .doesNotContainKey("likelihood.mean");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.likelihood().score(output, output, MODEL, calibration))
                .withMessage("no sequence has a second token, expected one for the likelihood to be of");
    }
}
