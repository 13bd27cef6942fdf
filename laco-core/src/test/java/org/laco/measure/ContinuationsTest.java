package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.laco.model.GreedyGenerator;

class ContinuationsTest {
    private static final Offset<Double> ROUNDING = within(1e-12);
    private static final ImmutableIntArray COUNTING = ImmutableIntArray.of(1, 2, 3, 4, 5, 6);
    private static final ImmutableIntArray TWICE = ImmutableIntArray.of(1, 2, 3, 4, 1, 2, 3, 4);
    private static final ImmutableIntArray STUCK = ImmutableIntArray.of(7, 7, 7, 7, 7, 7, 7);

    @Test
    void countsRunsThatWereThereBefore() {
        assertThat(Repetition.of(COUNTING, 4)).isEqualTo(new Repetition(3, 3));
        assertThat(Repetition.of(COUNTING, 4).share()).isZero();
        // 1234 2341 3412 4123 1234, of which the last was there.
        assertThat(Repetition.of(TWICE, 4)).isEqualTo(new Repetition(5, 4));
        assertThat(Repetition.of(TWICE, 4).share()).isCloseTo(.2, ROUNDING);
        // 7777 four times.
        assertThat(Repetition.of(STUCK, 4).share()).isCloseTo(.75, ROUNDING);
        assertThat(Repetition.of(STUCK, 1).share()).isCloseTo(6 / 7.0, ROUNDING);
        // The order counts.
        assertThat(Repetition.of(ImmutableIntArray.of(1, 2, 3, 2, 1), 2)).isEqualTo(new Repetition(4, 4));
    }

    @Test
    void saysNothingOfATextShorterThanARun() {
        assertThat(Repetition.of(ImmutableIntArray.of(1, 2, 3), 4)).isEqualTo(new Repetition(0, 0));
        assertThat(Repetition.of(ImmutableIntArray.of(1, 2, 3), 4).share()).isNaN();
        assertThat(new Continuations(ImmutableList.of(ImmutableIntArray.of())).repetition())
                .isNaN();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Repetition.of(COUNTING, 0))
                .withMessage("a run has 0 tokens, expected at least 1");
    }

    @Test
    void averagesOverTheTextsThatAreLongEnough() {
        // Of 13 runs together 8 are distinct, but texts count alike: (0 + .2 + .75) / 3.
        Continuations texts = new Continuations(ImmutableList.of(COUNTING, ImmutableIntArray.of(1), TWICE, STUCK));

        assertThat(texts.repetition()).isCloseTo(.95 / 3, ROUNDING);
    }

    @Test
    void agreesWithAnOriginalUntilTheFirstOtherToken() {
        Continuations texts = new Continuations(ImmutableList.of(
                COUNTING, ImmutableIntArray.of(1, 2, 9, 4), ImmutableIntArray.of(1, 2), ImmutableIntArray.of()));
        Continuations original = new Continuations(ImmutableList.of(
                COUNTING,
                ImmutableIntArray.of(1, 2, 3, 4),
                ImmutableIntArray.of(1, 2, 3, 4, 5, 6, 7, 8),
                ImmutableIntArray.of()));

        assertThat(texts.agreement(original, 0)).isEqualTo(1);
        assertThat(texts.agreement(original, 1)).isEqualTo(.5);
        assertThat(texts.agreement(original, 2)).isEqualTo(.25);
        assertThat(texts.agreement(original, 3)).isEqualTo(1);
        assertThat(texts.agreement(original)).isCloseTo(2.75 / 4, ROUNDING);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> texts.agreement(new Continuations(ImmutableList.of(COUNTING))))
                .withMessage("there are 4 texts, but 1 of the original");
    }

    @Test
    void goesOnWithEachPrompt() {
        // After 0 comes 3, after 3 comes 3; after 2 comes 0.
        GreedyGenerator generator = GreedyGenerator.builder(LlamaFixtures.bigram(new double[][] {
                    {.1, .2, .3, .4}, {.25, .25, .25, .25}, {.7, .1, .1, .1}, {.05, .05, .1, .8},
                }))
                .build();
        List<Integer> done = new ArrayList<>();

        Continuations texts = Continuations.generate(generator, List.of(new int[] {0}, new int[] {1, 2}), 6, done::add);

        assertThat(texts.texts())
                .containsExactly(ImmutableIntArray.of(3, 3, 3, 3, 3, 3), ImmutableIntArray.of(0, 3, 3, 3, 3, 3));
        assertThat(done).containsExactly(1, 2);
        // 3333 three times; 0333, 3333 and 3333.
        assertThat(texts.repetition()).isCloseTo((2 / 3.0 + 1 / 3.0) / 2, ROUNDING);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Continuations.generate(generator, List.of(), 6))
                .withMessage("there is no text, expected that of at least one prompt");
    }
}
