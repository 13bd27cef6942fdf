package org.laco.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.laco.measure.Accuracy;
import org.laco.measure.MultipleChoice;

class TaskScoresTest {
    private static final Offset<Double> ROUNDING = within(1e-12);

    private static MultipleChoice answers(int correct, int norm, double chance) {
        Accuracy plain = new Accuracy(correct, 101);
        Optional<Accuracy> byLength = Optional.of(new Accuracy(norm, 101));
        return new MultipleChoice(plain, plain, byLength, byLength, byLength, chance, ImmutableMap.of());
    }

    private static TaskScores scores(Optional<MultipleChoice> first, Optional<MultipleChoice> second) {
        return new TaskScores(List.of(
                new TaskScore("easy", answers(40, 50, .25), first), new TaskScore("two", answers(60, 10, .5), second)));
    }

    @Test
    void knowsBothWaysOfTellingWhatIsKept() {
        KeptShares kept = KeptShares.of(new double[] {.4, .6}, new double[] {.5, .8});
        KeptShares above = KeptShares.aboveChance(new double[] {.4, .6}, new double[] {.5, .8}, new double[] {.25, .5});

        // (.8 + .75) / 2 and 1 / 1.3; above chance (.15 / .25 + .1 / .3) / 2 and .25 / .55.
        assertThat(kept.meanOfRatios()).isCloseTo(.775, ROUNDING);
        assertThat(kept.ratioOfMeans()).isCloseTo(1 / 1.3, ROUNDING);
        assertThat(above.meanOfRatios()).isCloseTo(.7 / 1.5, ROUNDING);
        assertThat(above.ratioOfMeans()).isCloseTo(.25 / .55, ROUNDING);
    }

    @Test
    void keepsNoShareOfAnOriginalThatIsNotAboveChance() {
        KeptShares above =
                KeptShares.aboveChance(new double[] {.4, .6}, new double[] {.25, .8}, new double[] {.25, .5});

        assertThat(above.meanOfRatios()).isNaN();
        assertThat(above.ratioOfMeans()).isCloseTo(.25 / .3, ROUNDING);
    }

    @Test
    void givesTheMeanOfTheTasksWithItsError() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        scores(Optional.empty(), Optional.empty()).encode(node);

        assertThat(node.get("tasks")).hasSize(2);
        assertThat(node.get("tasks").get(1).get("task").asText()).isEqualTo("two");
        assertThat(node.get("tasks").get(1).get("chance").asDouble()).isEqualTo(.5);
        assertThat(node.get("tasks").get(1).has("kept")).isFalse();
        assertThat(node.get("mean").get("chance").asDouble()).isCloseTo(.375, ROUNDING);
        assertThat(node.get("mean").get("accuracy").asDouble()).isCloseTo(50 / 101.0, ROUNDING);
        // Both tasks' variance of the share is 40/101 × 61/101 / 100 and 60/101 × 41/101 / 100.
        assertThat(node.get("mean").get("standardError").asDouble())
                .isCloseTo(Math.sqrt(40 * 61 + 60 * 41) / 101 / 10 / 2, ROUNDING);
        assertThat(node.has("kept")).isFalse();
    }

    @Test
    void tellsOfEachTaskAndOfAllWhatIsKept() {
        TaskScores scores = scores(Optional.of(answers(50, 25, .25)), Optional.of(answers(80, 0, .5)));
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        scores.encode(node);
        StringWriter table = new StringWriter();
        scores.print(new PrintWriter(table));

        assertThat(node.get("tasks").get(0).get("original").get("correct").asInt())
                .isEqualTo(50);
        assertThat(node.get("tasks").get(0).get("kept").get("accuracy").asDouble())
                .isCloseTo(.8, ROUNDING);
        assertThat(node.get("tasks")
                        .get(0)
                        .get("kept")
                        .get("accuracyAboveChance")
                        .asDouble())
                .isCloseTo((40 - 25.25) / (50 - 25.25), ROUNDING);
        assertThat(node.get("tasks").get(1).get("kept").get("accNorm").isNull()).isTrue();
        assertThat(node.get("kept").get("accuracy").get("meanOfRatios").asDouble())
                .isCloseTo(.775, ROUNDING);
        assertThat(node.get("kept").get("accuracy").get("ratioOfMeans").asDouble())
                .isCloseTo(1 / 1.3, ROUNDING);
        assertThat(node.get("kept").get("accNorm").get("meanOfRatios").isNull()).isTrue();
        // Above chance (14.75 / 24.75 + 9.5 / 29.5) / 2 and 24.25 / 54.25, in questions.
        assertThat(table.toString().lines())
                .containsExactly(
                        "task questions  chance  accuracy     acc_norm      original   kept  original   kept",
                        "easy       101    25.0  39.6 ± 4.9   49.5 ± 5.0        49.5   80.0      24.8  200.0",
                        "two        101    50.0  59.4 ± 4.9   9.9 ± 3.0         79.2   75.0       0.0      -",
                        "mean              37.5  49.5 ± 3.5   29.7 ± 2.9  ",
                        "accuracy kept: 77.5 % as the mean of ratios, 76.9 % as the ratio of means;"
                                + " above chance: 45.9 % and 44.7 %",
                        "acc_norm kept: - as the mean of ratios, 240.0 % as the ratio of means; above chance: - and -");
    }
}
