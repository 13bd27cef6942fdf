package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PerplexityTest {
    private static final double[][] PROBABILITIES = {
        {.1, .2, .3, .4}, {.25, .25, .25, .25}, {.7, .1, .1, .1}, {.05, .05, .1, .8},
    };
    private static final int[] TEXT = {0, 3, 3, 2, 0, 1, 1};

    private final TokenLogProbabilities model = TokenLogProbabilities.of(LlamaFixtures.bigram(PROBABILITIES));

    @Test
    void isTheVocabularyForAModelThatKnowsNothing() {
        double[][] uniform = new double[6][6];
        Arrays.stream(uniform).forEach(row -> Arrays.fill(row, 1 / 6.0));

        Perplexity perplexity = Perplexity.ofSequences(
                TokenLogProbabilities.of(LlamaFixtures.bigram(uniform)),
                List.of(new int[] {0, 5, 3}, new int[] {1, 1}));

        assertThat(perplexity.perplexity()).isCloseTo(6, within(1e-12));
        assertThat(perplexity.tokens()).isEqualTo(3);
    }

    @Test
    void ofSequencesAveragesOverAllTheirTokens() {
        Perplexity perplexity = Perplexity.ofSequences(model, List.of(new int[] {0, 3, 3, 2}, new int[] {1, 2}));

        double mean = -Math.log(.4 * .8 * .1 * .25) / 4;
        assertThat(perplexity.meanNegativeLogLikelihood()).isCloseTo(mean, within(1e-6));
        assertThat(perplexity.perplexity()).isCloseTo(Math.exp(mean), within(1e-5));
        assertThat(perplexity.tokens()).isEqualTo(4);
    }

    @Test
    void ofWindowsDropsThePartialOneAndPredictsNoFirstToken() {
        Perplexity perplexity = Perplexity.ofWindows(model, TEXT, 3);

        assertThat(perplexity.meanNegativeLogLikelihood()).isCloseTo(-Math.log(.4 * .8 * .7 * .2) / 4, within(1e-6));
        assertThat(perplexity.tokens()).isEqualTo(4);
    }

    @Test
    void ofWindowsUsesNoMoreTokensThanAllowed() {
        Perplexity perplexity = Perplexity.ofWindows(model, TEXT, 3, OptionalLong.of(5));

        assertThat(perplexity.meanNegativeLogLikelihood()).isCloseTo(-Math.log(.4 * .8) / 2, within(1e-6));
        assertThat(perplexity.tokens()).isEqualTo(2);
    }

    @Test
    void refusesTextsThatAreTooShort() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Perplexity.ofWindows(model, TEXT, 8))
                .withMessage("the text has 7 tokens, which is less than one window of 8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Perplexity.ofWindows(model, TEXT, 1))
                .withMessage("a window needs at least 2 tokens, not 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Perplexity.ofSequences(model, List.of(new int[] {0}, new int[] {1})))
                .withMessage("there is no token to predict: expected a sequence of at least 2 tokens");
    }
}
