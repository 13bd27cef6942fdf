package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

class ChoiceAccuracyTest {
    private static final CausalModel MODEL = LlamaFixtures.bigram(new double[][] {
        {.1, .2, .3, .4}, {.25, .25, .25, .25}, {.7, .1, .1, .1}, {.05, .05, .1, .8},
    });
    private static final ImmutableList<ImmutableIntArray> TWO =
            ImmutableList.of(ImmutableIntArray.of(3), ImmutableIntArray.of(2, 0));
    private static final ImmutableList<ImmutableIntArray> EQUAL =
            ImmutableList.of(ImmutableIntArray.of(3), ImmutableIntArray.of(0), ImmutableIntArray.of(1));
    private static final ChoiceAccuracy ACCURACY =
            ChoiceAccuracy.of(List.of(item(0, TWO, 0), item(0, TWO, 1), item(1, EQUAL, 0)));

    private static ChoiceItem item(int context, ImmutableList<ImmutableIntArray> choices, int answer) {
        return new ChoiceItem(ImmutableIntArray.of(context), choices, ImmutableList.of(), answer, "");
    }

    private static Score score(CausalModel model, ChoiceAccuracy accuracy) {
        try (INDArray output = FinalHiddenStates.of(model, accuracy.calibration())) {
            return accuracy.score(output, output, model, accuracy.calibration());
        }
    }

    @Test
    void countsRightAnswersAndAddsTheShareOfProbability() {
        Score score = score(MODEL, ACCURACY);

        // After 0 "3" has .4 and "2 0" .3 × .7 = .21; after 1 all have .25, and the first of equal ones is the answer.
        assertThat(score.metric()).isEqualTo("accuracy");
        assertThat(score.perSequence()).hasSize(3);
        assertThat(score.perSequence().get(0)).isCloseTo(1 + .4 / .61 / 3, within(1e-6));
        assertThat(score.perSequence().get(1)).isCloseTo(.21 / .61 / 3, within(1e-6));
        assertThat(score.perSequence().get(2)).isCloseTo(1 + 1 / 9.0, within(1e-6));
        // (2 + (1 + 1/3) / 3) / 3
        assertThat(score.value()).isCloseTo(22 / 27.0, within(1e-6));
        assertThat(ACCURACY.step()).isEqualTo(1 / 3.0);
    }

    @Test
    void saysWhatItsScoreIsMadeOf() {
        try (INDArray output = FinalHiddenStates.of(MODEL, ACCURACY.calibration())) {
            ImmutableMap<String, Double> figures = ACCURACY.figures(output, output, MODEL);

            assertThat(figures.get("accuracy")).isEqualTo(2 / 3.0);
            assertThat(figures.get("accuracy.share")).isCloseTo(4 / 9.0, within(1e-6));
            MultipleChoice answers = ACCURACY.answers(output, MODEL);
            assertThat(answers.accuracy()).isEqualTo(new Accuracy(2, 3));
            assertThat(answers.logLikelihoods().get(0).get(1)).isCloseTo(Math.log(.21), within(1e-6));
        }
    }

    @Test
    void prefersOneMoreRightAnswerToAnyShareAndTheShareAmongAsMany() {
        ImmutableList<ImmutableIntArray> zeroOrOne = ImmutableList.of(ImmutableIntArray.of(0), ImmutableIntArray.of(1));
        ChoiceAccuracy two = ChoiceAccuracy.of(List.of(item(0, zeroOrOne, 0), item(1, zeroOrOne, 0)));
        // Both right by little; the first right by much and the second wrong by little; the same by less.
        Score both = score(twoRows(.51, .51), two);
        Score one = score(twoRows(.99, .49), two);
        Score less = score(twoRows(.9, .49), two);

        assertThat(both.value()).isCloseTo(1 + .51 / 2, within(1e-6));
        assertThat(one.value()).isCloseTo(.5 + (.99 + .49) / 4, within(1e-6));
        assertThat(both.isBetterThan(one)).isTrue();
        assertThat(one.isBetterThan(less)).isTrue();
    }

    /** A model that gives token 0 these probabilities after 0 and after 1, and token 1 the rest. */
    private static CausalModel twoRows(double afterZero, double afterOne) {
        double none = 1e-9;
        return LlamaFixtures.bigram(new double[][] {
            {afterZero, 1 - afterZero, none, none},
            {afterOne, 1 - afterOne, none, none},
            {.25, .25, .25, .25},
            {.25, .25, .25, .25},
        });
    }

    @Test
    void describesItsQuestionsForARecord() {
        assertThat(ACCURACY.parameters())
                .isEqualTo(ImmutableMap.of(
                        "questions",
                        3,
                        "questionChoices",
                        "2 2 3",
                        "questionContexts",
                        "1 1 1",
                        "questionAnswers",
                        "0 1 0"));
        assertThat(ACCURACY.calibration().layout().count()).isEqualTo(7);
        assertThat(ACCURACY.calibration().tokens(1)).containsExactly(0, 2, 0);
    }

    @Test
    void isOfItsOwnSequencesAlone() {
        Calibration others = Calibration.ofTokens(new int[] {0, 3}, new int[] {0, 2});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ACCURACY.check(MODEL, others))
                .withMessage(
                        "the objective accuracy is measured on its questions alone: give their sequences as the calibration");
        ACCURACY.check(MODEL, ACCURACY.calibration());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ChoiceAccuracy.of(List.of()))
                .withMessage("there are no items of multiple choice, expected at least one");
    }
}
