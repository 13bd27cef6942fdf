package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The divergence among tokens that the original finds likely, of which a part of the whole divergence is seen. */
class LikelyDivergenceTest {
    /** Next-token probabilities after each of five tokens. */
    private static final double[][] PROBABILITIES = {
        {.6, .3, .06, .03, .01},
        {.5, .4, .06, .02, .02},
        {.06, .03, .01, .3, .6},
        {.2, .2, .2, .2, .2},
        {.06, .02, .02, .4, .5},
    };

    private static final CausalModel MODEL = LlamaFixtures.bigram(PROBABILITIES);
    private static final Calibration AFTER_ZERO = Calibration.ofTokens(new int[] {0});

    private static INDArray output(int... tokens) {
        return MODEL.finish(MODEL.hidden(Calibration.ofTokens(tokens), MODEL.layerCount()));
    }

    private static double kl(int reference, int other, int... tokens) {
        double p = 0;
        double q = 0;
        for (int token : tokens) {
            p += PROBABILITIES[reference][token];
            q += PROBABILITIES[other][token];
        }
        double sum = 0;
        for (int token : tokens) {
            double own = PROBABILITIES[reference][token] / p;
            sum += own * Math.log(own / (PROBABILITIES[other][token] / q));
        }
        return sum;
    }

    private static double measured(int likeliest, int other) {
        INDArray reference = output(0);
        return -Metrics.divergence()
                .amongLikely(likeliest, reference, MODEL)
                .score(output(other), reference, MODEL, AFTER_ZERO)
                .value();
    }

    @Test
    void comparesTheTwoLikeliestTokensRenormalised() {
        assertThat(measured(2, 1)).isCloseTo(kl(0, 1, 0, 1), within(1e-6));
        assertThat(measured(2, 3)).isCloseTo(kl(0, 3, 0, 1), within(1e-6));
    }

    @Test
    void isTheWholeDivergenceIfAllTokensAreLikely() {
        assertThat(measured(5, 3)).isCloseTo(kl(0, 3, 0, 1, 2, 3, 4), within(1e-6));
        assertThat(measured(9, 3)).isCloseTo(kl(0, 3, 0, 1, 2, 3, 4), within(1e-6));
    }

    @Test
    void tellsTokensApartThatAreLikelyAtAnyOfTheRows() {
        Calibration calibration = Calibration.ofTokens(List.of(new int[] {0, 2}));
        INDArray reference = output(0, 2);
        Score score = Metrics.divergence()
                .amongLikely(2, reference, MODEL)
                .score(output(1, 4), reference, MODEL, calibration);

        assertThat(score.value())
                .as("tokens 0 and 1 are likely after 0, and 3 and 4 after 2")
                .isCloseTo(-(kl(0, 1, 0, 1, 3, 4) + kl(2, 4, 0, 1, 3, 4)) / 2, within(1e-6));
        assertThat(score.metric()).isEqualTo("kl-top2");
    }

    @Test
    void seesNothingOfProbabilityThatGoesToUnlikelyTokens() {
        // After 2, tokens 0 and 1 keep their ratio, but have a tenth of their probability.
        double whole = kl(0, 2, 0, 1, 2, 3, 4);

        assertThat(measured(2, 2)).as("0.06 to 0.03 is 0.6 to 0.3").isCloseTo(0, within(1e-6));
        assertThat(whole)
                .as("so that models can rank otherwise by all tokens")
                .isGreaterThan(2 * kl(0, 3, 0, 1, 2, 3, 4));
        assertThat(measured(2, 3)).isGreaterThan(measured(2, 2));
    }

    @Test
    void isAtMostTheDivergenceOverTheProbabilityOfTheTokens() {
        for (int other = 0; other < 5; other++) {
            for (int likeliest = 2; likeliest <= 5; likeliest++) {
                double mass = List.of(.9, .96, .99, 1.0).get(likeliest - 2);
                assertThat(mass * measured(likeliest, other)).isLessThanOrEqualTo(kl(0, other, 0, 1, 2, 3, 4) + 1e-6);
            }
        }
    }

    @Test
    void otherMetricsStayAsTheyAre() {
        assertThat(Metrics.cosine().amongLikely(2, output(0), MODEL)).isSameAs(Metrics.cosine());
        assertThat(Metrics.likelihood().amongLikely(2, output(0), MODEL)).isSameAs(Metrics.likelihood());
    }
}
