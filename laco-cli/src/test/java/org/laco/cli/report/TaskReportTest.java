package org.laco.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.laco.measure.Accuracy;
import org.laco.measure.MultipleChoice;
import org.laco.measure.TaskScores;

class TaskReportTest {
    private static final Offset<Double> ROUNDING = within(1e-12);

    private static MultipleChoice answers(int correct, int norm, double chance) {
        Accuracy plain = new Accuracy(correct, 101);
        Optional<Accuracy> byLength = Optional.of(new Accuracy(norm, 101));
        return new MultipleChoice(
                plain,
                plain,
                byLength,
                byLength,
                byLength,
                chance,
                ImmutableMap.of(),
                ImmutableList.of(ImmutableDoubleArray.of(-1.5, -2)));
    }

    private static final TaskScores AFTER =
            new TaskScores(ImmutableMap.of("easy", answers(40, 50, .25), "two", answers(60, 10, .5)));
    private static final TaskScores BEFORE =
            new TaskScores(ImmutableMap.of("easy", answers(50, 25, .25), "two", answers(80, 0, .5)));

    @Test
    void givesTheMeanOfTheTasksWithItsError() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        new TaskReport(AFTER, Optional.empty(), true).encode(node);

        assertThat(node.get("tasks")).hasSize(2);
        assertThat(node.get("tasks").get(1).get("task").asText()).isEqualTo("two");
        assertThat(node.get("tasks").get(1).get("chance").asDouble()).isEqualTo(.5);
        assertThat(node.get("tasks").get(1).has("kept")).isFalse();
        assertThat(node.get("mean").get("chance").asDouble()).isCloseTo(.375, ROUNDING);
        assertThat(node.get("mean").get("accuracy").asDouble()).isCloseTo(50 / 101.0, ROUNDING);
        // Both tasks' variance of the share is 40/101 × 61/101 / 100 and 60/101 × 41/101 / 100.
        assertThat(node.get("mean").get("standardError").asDouble())
                .isCloseTo(Math.sqrt(40 * 61 + 60 * 41) / 101 / 10 / 2, ROUNDING);
        assertThat(node.get("mean").get("accBytesStandardError").asDouble())
                .isCloseTo(Math.sqrt(50 * 51 + 10 * 91) / 101 / 10 / 2, ROUNDING);
        assertThat(node.has("kept")).isFalse();
        assertThat(node.get("tasks").get(0).get("logLikelihoods").toString()).isEqualTo("[[-1.5,-2.0]]");
    }

    @Test
    void tellsOfEachTaskAndOfAllWhatIsKept() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        new TaskReport(AFTER, Optional.of(BEFORE), false).encode(node);
        StringWriter table = new StringWriter();
        new TaskTable(AFTER, Optional.of(BEFORE)).print(new PrintWriter(table));

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
        assertThat(node.get("kept").get("accBytes").get("ratioOfMeans").asDouble())
                .isCloseTo(60 / 25.0, ROUNDING);
        assertThat(node.get("mean").get("accBytesOfOriginal").asDouble()).isCloseTo(25 / 202.0, ROUNDING);
        assertThat(node.get("tasks").get(0).has("logLikelihoods")).isFalse();
        // Above chance (14.75 / 24.75 + 9.5 / 29.5) / 2 and 24.25 / 54.25, in questions.
        assertThat(table.toString().lines())
                .containsExactly(
                        "task questions  chance  accuracy     acc_norm     acc_bytes",
                        "easy       101    25.0  39.6 ± 4.9   49.5 ± 5.0   49.5 ± 5.0",
                        "two        101    50.0  59.4 ± 4.9   9.9 ± 3.0    9.9 ± 3.0",
                        "mean              37.5  49.5 ± 3.5   29.7 ± 2.9   29.7 ± 2.9",
                        "",
                        "kept of the original          accuracy       acc_norm       acc_bytes",
                        "easy                          80.0 of 49.5   200.0 of 24.8  200.0 of 24.8",
                        "two                           75.0 of 79.2   - of 0.0       - of 0.0",
                        "mean of ratios                77.5           -              -",
                        "ratio of means                76.9           240.0          240.0",
                        "above chance: mean of ratios  45.9           -              -",
                        "above chance: ratio of means  44.7           -              -");
    }
}
