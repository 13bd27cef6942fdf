package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ObjectArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.cli.Fixture;
import org.laco.cli.Run;
import org.laco.cli.TinyCheckpoint;
import org.laco.examples.EmbeddedModel;

class SweepCommandTest {
    @TempDir
    Path directory;

    private Run sweep(String option, String value) {
        return Run.laco(
                "sweep",
                Fixture.named("gpt2").model(),
                directory.resolve("out"),
                option,
                value,
                "--searches",
                "last",
                "-q");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "0", "-0.1", "1", "1.5", "Infinity", "0.1,NaN"})
    void refusesSharesThatAreNoneBeforeAnythingIsOpened(String ratios) {
        Run run = sweep("--ratios", ratios);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("laco: --ratios needs shares above 0 and below 1, not ");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"0.01,no layer", "0.99,all of them"})
    void namesAShareThatRoundsToNothing(String ratio, String rounded) {
        Run run = sweep("--ratios", ratio);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).matches("laco: --ratios " + ratio + " of the model's \\d+ layers is " + rounded + "\\R");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @Test
    void refusesNumbersOfLayersThatNoResultCanHave() {
        assertThat(sweep("--layers", "0").err()).startsWith("laco: --layers needs at least 1 layer, not 0");
        assertThat(sweep("--layers", "100").err())
                .startsWith("laco: --layers 100 leaves nothing to remove of the model's ");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    private Run sweepWithOneText(Path model, Path out) throws IOException {
        Path text = Files.writeString(directory.resolve("text.txt"), "A cow eats grass.\nThe clock is white.\n");
        return Run.laco("sweep", model, out, "--layers", 7, "--searches", "last", "--per-line", "--text", text, "-q");
    }

    @Test
    void goesOnOnlyWithTheModelThatItBeganWith() throws IOException {
        TinyCheckpoint first = TinyCheckpoint.copy("gpt2", directory.resolve("a/model"));
        TinyCheckpoint second = TinyCheckpoint.copy("gpt2", directory.resolve("b/model"));
        byte[] weights = Files.readAllBytes(second.weights());
        weights[weights.length - 1] ^= 1;
        Files.write(second.weights(), weights);
        Path out = directory.resolve("out");

        Run run = sweepWithOneText(first.directory(), out);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(sweepWithOneText(first.directory(), out).exitCode()).isZero();
        Run other = sweepWithOneText(second.directory(), out);
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err())
                .matches("laco: " + out
                        + " holds a sweep with model model \\(sha256 \\w{12}\\), not model \\(sha256 \\w{12}\\):"
                        + " give another directory\\R");
    }

    /** A sweep's figures are those of the commands that make and measure one model. */
    @Test
    void measuresWhatACollapseWithATrainingWritesAndEvaluateMeasures() throws IOException {
        EmbeddedModel embedded = EmbeddedModel.extractTo(directory);
        Path tasks = Files.createDirectory(directory.resolve("tasks"));
        List<String> questions = Files.readAllLines(embedded.choices());
        Files.write(tasks.resolve("first.jsonl"), questions.subList(0, 30));
        Files.write(tasks.resolve("second.jsonl"), questions.subList(30, 50));
        Object[] training = {
            "--heal-text",
            embedded.calibration(),
            "--heal-per-line",
            "--heal-tokens",
            500,
            "--heal-window",
            32,
            "--heal-batch",
            4,
            "--heal-train",
            "last-2"
        };
        Path out = directory.resolve("out");
        Run swept = Run.laco(with(
                training,
                "sweep",
                embedded.model(),
                out,
                "--layers",
                7,
                "--searches",
                "last,streamline+ghosted",
                "--text",
                embedded.calibration(),
                "--max-tokens",
                128,
                "--window",
                64,
                "--tasks",
                tasks,
                "--limit",
                24,
                "--json"));
        assertThat(swept.exitCode()).as(swept.err()).isZero();
        JsonNode points = swept.json();
        assertThat(points)
                .extracting(point -> point.get("method").asText())
                .containsExactly("original", "last", "last+heal", "streamline+ghosted");
        Path model = directory.resolve("model-7");
        Run collapsed =
                Run.laco(with(training, "collapse", embedded.model(), model, "--search", "last", "--target-layers", 7));
        assertThat(collapsed.exitCode()).as(collapsed.err()).isZero();
        JsonNode measured = Run.laco(
                        "evaluate",
                        model,
                        "--text",
                        embedded.calibration(),
                        "--text-tokens",
                        128,
                        "--window",
                        64,
                        "--tasks",
                        tasks,
                        "--limit",
                        24,
                        "--against",
                        embedded.model(),
                        "--json")
                .json();

        JsonNode healed = points.get(2);
        assertThat(healed.get("trainedTokens").asLong()).isBetween(500L, 640L);
        assertThat(healed.get("perplexity").elements().next().asDouble())
                .isEqualTo(measured.get("perplexity").asDouble());
        assertThat(healed.get("tasks").get("second").get("items").asInt()).isEqualTo(20);
        for (int task = 0; task < 2; task++) {
            JsonNode expected = measured.get("tasks").get(task);
            JsonNode figures = healed.get("tasks").get(expected.get("task").asText());
            assertThat(figures.get("acc")).isEqualTo(expected.get("accuracy"));
            assertThat(figures.get("accNorm")).isEqualTo(expected.get("accNorm"));
            assertThat(figures.get("chance")).isEqualTo(expected.get("chance"));
        }
        JsonNode kept = healed.get("kept").get("tasks");
        assertThat(kept.get("acc").get("meanOfRatios").asDouble()).isPositive().isNotEqualTo(1);
        assertThat(kept.get("acc")).isEqualTo(measured.get("kept").get("accuracy"));
        assertThat(kept.get("accAboveChance")).isEqualTo(measured.get("kept").get("accuracyAboveChance"));
        assertThat(kept.get("accNorm")).isEqualTo(measured.get("kept").get("accNorm"));
        assertThat(kept.get("accNormAboveChance"))
                .isEqualTo(measured.get("kept").get("accNormAboveChance"));
        assertThat(Files.readString(out.resolve("sweep.csv")))
                .contains(",acc:first,accNorm:first,acc:second,accNorm:second,meanOfRatios:acc,ratioOfMeans:acc,");
        assertThat(out.resolve("tasks.svg")).isNotEmptyFile();
    }

    private static Object[] with(Object[] more, Object... first) {
        return ObjectArrays.concat(first, more, Object.class);
    }

    @Test
    void writesNoCurveThatManyTrainingsWouldShare() {
        Run run = sweep("--heal-loss-curve", directory.resolve("loss.csv").toString());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("laco: A sweep trains each result");
    }

    @Test
    void namesAPointThatIsDamaged() throws IOException {
        TinyCheckpoint model = TinyCheckpoint.copy("gpt2", directory.resolve("model"));
        Path out = directory.resolve("out");
        assertThat(sweepWithOneText(model.directory(), out).exitCode()).isZero();
        for (String name : new String[] {"points/last-7.json", "settings.json"}) {
            Path damaged = Files.writeString(out.resolve(name), "");
            assertThat(sweepWithOneText(model.directory(), out))
                    .isEqualTo(new Run(
                            1,
                            "",
                            "laco: " + damaged
                                    + " is not what a sweep wrote there: remove it to have it made again, or give another"
                                    + " directory\n"));
            Files.delete(damaged);
        }
    }

    @Test
    void writesNothingIntoItsModel() throws IOException {
        TinyCheckpoint model = TinyCheckpoint.copy("gpt2", directory.resolve("model"));
        Run run = sweepWithOneText(model.directory(), model.directory().resolve("out"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("overlaps the input");
        assertThat(model.directory().resolve("out")).doesNotExist();
    }
}
