package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

class DivergenceTest {
    private static final CausalModel MODEL = LlamaFixtures.bigram(new double[][] {
        {.1, .2, .3, .4}, {.25, .25, .25, .25}, {.7, .1, .1, .1}, {.05, .05, .1, .8},
    });
    private static final Calibration CALIBRATION = Calibration.ofTokens(List.of(new int[] {1, 2, 3}, new int[] {0}));

    private static INDArray output(Calibration calibration) {
        return MODEL.finish(MODEL.hidden(calibration, MODEL.layerCount()));
    }

    @Test
    void comparesEveryModelWithTheSameReference() {
        INDArray reference = output(CALIBRATION);
        // What the model says after 0 and 2 in place of what it says after 1 and 0.
        INDArray other = output(Calibration.ofTokens(List.of(new int[] {0, 2, 3}, new int[] {2})));

        ImmutableList<Score> both =
                Metrics.divergence().scoreAll(List.of(reference, other), reference, MODEL, CALIBRATION);

        assertThat(both.get(0).perSequence()).containsExactly(0.0, 0.0);
        double afterOne = .25 * (Math.log(.25 / .1) + Math.log(.25 / .2) + Math.log(.25 / .3) + Math.log(.25 / .4));
        double afterZero = .1 * Math.log(.1 / .7) + .2 * Math.log(2) + .3 * Math.log(3) + .4 * Math.log(4);
        assertThat(both.get(1).perSequence().get(0)).isCloseTo(-afterOne / 3, within(1e-6));
        assertThat(both.get(1).perSequence().get(1)).isCloseTo(-afterZero, within(1e-6));
        assertThat(both.get(1).value()).isCloseTo((-afterOne / 3 - afterZero) / 2, within(1e-6));
    }
}
