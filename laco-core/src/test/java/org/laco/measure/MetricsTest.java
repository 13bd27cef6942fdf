package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class MetricsTest {
    @Test
    void findsEachMetricByTheNameThatRecordsHold() {
        assertThat(Metrics.all())
                .extracting(Metric::name)
                .containsExactly("cosine", "token-cosine", "last-token-cosine", "relative-error", "kl", "likelihood");
        assertThat(Metrics.all())
                .allSatisfy(metric -> assertThat(Metrics.named(metric.name())).isSameAs(metric));
        assertThat(Metrics.all())
                .containsExactly(
                        Metrics.cosine(),
                        Metrics.tokenCosine(),
                        Metrics.lastTokenCosine(),
                        Metrics.relativeError(),
                        Metrics.divergence(),
                        Metrics.likelihood());
    }

    /** Two sequences, of two tokens and of one, in two dimensions. */
    private static List<Double> ofTwoSequences(Metric metric) {
        Calibration calibration = Calibration.ofTokens(new int[] {0, 1}, new int[] {2});
        try (INDArray candidate = Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}, {3, 4}});
                INDArray reference = Nd4j.createFromArray(new float[][] {{1, 0}, {1, 0}, {4, 3}})) {
            return metric.perSequence(candidate, reference, LlamaFixtures.random(11, 2, 3, 5), calibration);
        }
    }

    @Test
    void averagesTheCosinesOfEachSequencesTokens() {
        assertThat(ofTwoSequences(Metrics.tokenCosine())).containsExactly((1.0 + 0.0) / 2, 24 / 25.0);
    }

    @Test
    void dividesEachSequencesErrorByItsOwnLength() {
        assertThat(ofTwoSequences(Metrics.relativeError())).containsExactly(-Math.sqrt(2 / 2.0), -Math.sqrt(2 / 25.0));
    }

    @Test
    void figuresAreThoseOfEachMetricAlone() {
        CausalModel model = LlamaFixtures.random(11, 8, 3, 5);
        Calibration calibration = Calibration.ofTokens(new int[] {3, 1, 4, 1, 5});
        try (INDArray reference = FinalHiddenStates.of(model, calibration);
                INDArray entering = model.hidden(calibration, 2);
                INDArray candidate = model.finish(entering)) {
            var figures = Metrics.figures(candidate, reference, model, calibration);

            assertThat(figures).hasSize(5 * Metrics.all().size());
            // The likelihood alone leaves out rows that nothing follows, and reads the logits in other blocks.
            assertThat(Metrics.all()).allSatisfy(metric -> assertThat(figures.get(metric.name() + ".mean"))
                    .isEqualTo(metric.score(candidate, reference, model, calibration)
                            .value()));
        }
    }
}
