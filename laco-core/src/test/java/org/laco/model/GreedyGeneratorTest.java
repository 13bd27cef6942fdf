package org.laco.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.laco.measure.LlamaFixtures;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

class GreedyGeneratorTest {
    /** Its likeliest tokens are 2 after 0, 1 after 2, 3 after 1, and 3 after 3. */
    private static final double[][] PROBABILITIES = {
        {.1, .2, .4, .3}, {.1, .2, .3, .4}, {.1, .7, .1, .1}, {.05, .05, .1, .8},
    };

    private final CausalModel model = LlamaFixtures.bigram(PROBABILITIES);

    @Test
    void takesTheLikeliestTokenEachTime() {
        List<Integer> told = new ArrayList<>();

        ImmutableIntArray said =
                GreedyGenerator.builder(model).listener(told::add).build().generate(new int[] {3, 0}, 4);

        assertThat(said.asList()).containsExactly(2, 1, 3, 3).isEqualTo(told);
    }

    @Test
    void endsBeforeAStopToken() {
        List<Integer> told = new ArrayList<>();

        ImmutableIntArray said = GreedyGenerator.builder(model)
                .stopAt(0, 3)
                .listener(told::add)
                .build()
                .generate(new int[] {0}, 4);

        assertThat(said.asList()).containsExactly(2, 1).isEqualTo(told);
    }

    @Test
    void takesTheLowestOfEquallyLikelyTokens() {
        CausalModel undecided = LlamaFixtures.bigram(new double[][] {{.2, .4, .4}, {.4, .2, .4}, {.4, .4, .2}});

        assertThat(GreedyGenerator.builder(undecided)
                        .build()
                        .generate(new int[] {0}, 3)
                        .asList())
                .containsExactly(1, 0, 1);
    }

    @Test
    void saysTheSameHoweverManyWeightsStayLoaded() {
        CausalModel random = LlamaFixtures.random(200, 8, 3, 5);
        int[] prompt = {17, 3, 120};
        int[] expected = byFullLogits(random, prompt, 6);

        long layerBytes = (4 * 64 + 3 * 128 + 2 * 8) * 4;
        for (long bytes : new long[] {0, layerBytes, 2 * layerBytes + 1, 1 << 29}) {
            GreedyGenerator generator =
                    GreedyGenerator.builder(random).weightBytes(bytes).build();
            assertThat(generator.generate(prompt, 6).toArray()).isEqualTo(expected);
        }
    }

    private static int[] byFullLogits(CausalModel model, int[] prompt, int count) {
        int[] text = prompt;
        for (int i = 0; i < count; i++) {
            try (INDArray hidden = model.hidden(Calibration.ofTokens(text), model.layerCount());
                    INDArray output = model.finish(hidden);
                    INDArray logits = model.logits(output)) {
                float[] last = logits.getRow(text.length - 1).toFloatVector();
                text = Ints.concat(text, new int[] {argMax(last)});
            }
        }
        return Arrays.copyOfRange(text, prompt.length, text.length);
    }

    private static int argMax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    @Test
    void refusesPromptsThatTheModelCannotRead() {
        GreedyGenerator generator = GreedyGenerator.builder(model).build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> generator.generate(new int[0], 1))
                .withMessage("the prompt is empty, expected at least one token");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> generator.generate(new int[] {0, 4}, 1))
                .withMessage("prompt, position 1: token id 4 is not in the vocabulary of 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> generator.generate(new int[] {0}, -1))
                .withMessage("the number of tokens to generate is -1, expected at least 0");
    }

    @Test
    void saysWhenLogitsAreNotFinite() {
        CausalModel broken = LlamaFixtures.bigram(new double[][] {{.5, Double.NaN}, {.5, .5}});

        assertThatThrownBy(() -> GreedyGenerator.builder(broken).build().generate(new int[] {1, 0}, 1))
                .isInstanceOf(ArithmeticException.class)
                .hasMessage("the model's logits after 2 tokens are not finite, so none is likeliest");
    }

    @Test
    void stopsWhenTheThreadIsInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> GreedyGenerator.builder(model).build().generate(new int[] {0}, 1))
                .isInstanceOf(CancellationException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
}
