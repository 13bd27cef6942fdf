package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class TaskScoresTest {
    private static final Offset<Double> ROUNDING = within(1e-12);

    /** Five questions of as many choices, of which the given number is answered right, the same by every measure. */
    private static MultipleChoice answers(int right, int choices) {
        List<ChoiceItem> items = new ArrayList<>();
        List<double[]> sums = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            items.add(new ChoiceItem(
                    ImmutableIntArray.of(0),
                    ImmutableList.copyOf(Collections.nCopies(choices, ImmutableIntArray.of(1))),
                    ImmutableList.copyOf(Collections.nCopies(choices, " a")),
                    i < right ? 0 : 1,
                    ""));
            sums.add(IntStream.range(0, choices)
                    .mapToDouble(choice -> -1 - choice)
                    .toArray());
        }
        return MultipleChoice.of(items, sums);
    }

    private static TaskScores scores(int ofFour, int ofTwo) {
        return new TaskScores(ImmutableMap.of("four", answers(ofFour, 4), "two", answers(ofTwo, 2)));
    }

    @Test
    void knowsTheMeanOfTheTasksWithItsErrorAndWhatGuessingScores() {
        TaskScores scores = scores(2, 4);

        // .4 and .8, with errors √(.4 × .6 / 4) and √(.8 × .2 / 4); chances 1/4 and 1/2.
        for (AccuracyMeasure measure : AccuracyMeasure.values()) {
            assertThat(scores.mean(measure)).as(measure.label()).isCloseTo(.6, ROUNDING);
            assertThat(scores.meanStandardError(measure)).isCloseTo(Math.sqrt(.06 + .04) / 2, ROUNDING);
        }
        assertThat(scores.chance()).isEqualTo(.375);
    }

    @Test
    void tellsWhatIsKeptOfAnOriginalByBothWays() {
        TaskScores kept = scores(2, 3);
        // In another order, which changes nothing.
        TaskScores original = new TaskScores(ImmutableMap.of("two", answers(4, 2), "four", answers(4, 4)));

        // .4 of .8 and .6 of .8; above chance .15 of .55 and .1 of .3.
        assertThat(kept.kept(original, "four", AccuracyMeasure.ACC)).isCloseTo(.5, ROUNDING);
        assertThat(kept.keptAboveChance(original, "four", AccuracyMeasure.ACC)).isCloseTo(3 / 11.0, ROUNDING);
        KeptShares shares = kept.kept(original, AccuracyMeasure.ACC_NORM);
        assertThat(shares.meanOfRatios()).isCloseTo(.625, ROUNDING);
        assertThat(shares.ratioOfMeans()).isCloseTo(.625, ROUNDING);
        KeptShares above = kept.keptAboveChance(original, AccuracyMeasure.ACC_BYTES);
        assertThat(above.meanOfRatios()).isCloseTo((3 / 11.0 + 1 / 3.0) / 2, ROUNDING);
        assertThat(above.ratioOfMeans()).isCloseTo(.25 / .85, ROUNDING);
    }

    @Test
    void tellsTheTwoWaysApart() {
        KeptShares kept = KeptShares.of(ImmutableDoubleArray.of(.4, .6), ImmutableDoubleArray.of(.5, .8));
        KeptShares above = KeptShares.aboveChance(
                ImmutableDoubleArray.of(.4, .6), ImmutableDoubleArray.of(.5, .8), ImmutableDoubleArray.of(.25, .5));

        // (.8 + .75) / 2 and 1 / 1.3; above chance (.15 / .25 + .1 / .3) / 2 and .25 / .55.
        assertThat(kept.meanOfRatios()).isCloseTo(.775, ROUNDING);
        assertThat(kept.ratioOfMeans()).isCloseTo(1 / 1.3, ROUNDING);
        assertThat(above.meanOfRatios()).isCloseTo(.7 / 1.5, ROUNDING);
        assertThat(above.ratioOfMeans()).isCloseTo(.25 / .55, ROUNDING);
    }

    @Test
    void keepsNoShareOfAnOriginalThatIsNotAboveChance() {
        KeptShares above = KeptShares.aboveChance(
                ImmutableDoubleArray.of(.4, .6), ImmutableDoubleArray.of(.25, .8), ImmutableDoubleArray.of(.25, .5));

        assertThat(above.meanOfRatios()).isNaN();
        assertThat(above.ratioOfMeans()).isCloseTo(.25 / .3, ROUNDING);
        // 1 of 5 with four choices is below chance.
        assertThat(scores(1, 3).keptAboveChance(scores(1, 4), "four", AccuracyMeasure.ACC))
                .isNaN();
    }

    @Test
    void refusesAnOriginalOfOtherQuestions() {
        TaskScores scores = scores(2, 3);
        TaskScores other = new TaskScores(ImmutableMap.of("four", answers(1, 4)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> scores.kept(other, AccuracyMeasure.ACC))
                .withMessage("the tasks are [four, two], but the original's are [four]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.kept(other, "five", AccuracyMeasure.ACC))
                .withMessage("there is no task five, expected one of [four]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeptShares.of(ImmutableDoubleArray.of(.5), ImmutableDoubleArray.of()))
                .withMessage("there are 1 scores and 0 originals, expected one of each a task");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TaskScores(ImmutableMap.of()))
                .withMessage("there is no task, expected at least one");
    }

    @Test
    void saysThatAMeasureNeedsTexts() {
        MultipleChoice textless = MultipleChoice.of(
                List.of(new ChoiceItem(
                        ImmutableIntArray.of(0), ImmutableList.of(ImmutableIntArray.of(1)), ImmutableList.of(), 0, "")),
                ImmutableList.of(new double[] {-1}));
        assertThat(AccuracyMeasure.ACC.of(textless)).isEqualTo(new Accuracy(1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AccuracyMeasure.ACC_BYTES.of(textless))
                .withMessageStartingWith("acc_bytes needs the texts of all choices");
    }
}
