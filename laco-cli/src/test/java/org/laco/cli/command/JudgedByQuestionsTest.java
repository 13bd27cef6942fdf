package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.cli.Run;
import org.laco.examples.EmbeddedModel;

/** A search that is judged by answers says so in its record, and what it says can be measured again. */
class JudgedByQuestionsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private EmbeddedModel embedded;
    private Path questions;
    private Path out;

    @BeforeEach
    void extract() throws IOException {
        embedded = EmbeddedModel.extractTo(Files.createDirectory(directory.resolve("model")));
        questions = Files.write(
                directory.resolve("questions.jsonl"),
                Files.readAllLines(embedded.choices()).subList(0, 10));
        out = directory.resolve("out");
    }

    private Run collapse(Object... more) {
        return Run.laco(Stream.concat(
                        Stream.of(
                                "collapse",
                                embedded.model(),
                                out,
                                "--target-layers",
                                11,
                                "--search",
                                "greedy",
                                "--questions",
                                questions,
                                "-q"),
                        Stream.of(more))
                .toArray());
    }

    private Run verify() {
        return Run.laco("verify", out, "--source", embedded.model(), "--json");
    }

    private static JsonNode accuracy(Run verification) throws IOException {
        for (JsonNode check : verification.json().get("checks")) {
            if (check.get("name").asText().equals("accuracy")) {
                return check;
            }
        }
        throw new AssertionError("no accuracy among " + verification.out());
    }

    @Test
    void recordsTheAnswersAndMeasuresThemAgain() throws IOException {
        Run collapsed = collapse();
        assertThat(collapsed.exitCode()).as(collapsed.err()).isZero();

        ObjectNode record = (ObjectNode) JSON.readTree(out.resolve("laco.json").toFile());
        assertThat(record.get("settings").get("objective").asText()).isEqualTo("accuracy");
        assertThat(record.get("settings").get("questions").asInt()).isEqualTo(10);
        assertThat(record.get("calibration").get("sequences")).hasSize(40);
        double recorded = record.get("measures").get("accuracy").asDouble();
        // By the other way of asking, which shares what the choices begin with.
        Run asked = Run.laco("evaluate", out, "--choices", questions, "--json", "-q");
        assertThat(asked.json().get("accuracy").asDouble()).isEqualTo(recorded);
        // The step that was taken has the score of the result, and no other step a better one.
        double best = recorded + record.get("measures").get("accuracy.share").asDouble() / 10;
        for (JsonNode step : record.get("steps")) {
            assertThat(step.get("metric").asText()).isEqualTo("accuracy");
            assertThat(step.get("value").asDouble()).isLessThan(best + 1e-5);
            if (step.get("accepted").asBoolean()) {
                assertThat(step.get("value").asDouble()).isCloseTo(best, within(1e-6));
            }
        }

        Run verified = verify();
        assertThat(verified.exitCode()).as(verified.out()).isZero();
        assertThat(accuracy(verified).get("outcome").asText()).isEqualTo("passed");
        assertThat(accuracy(verified).get("detail").asText())
                .startsWith("measured " + Math.round(10 * recorded) + " of 10 ");

        ((ObjectNode) record.get("measures")).put("accuracy", recorded > .5 ? recorded - .3 : recorded + .3);
        JSON.writeValue(out.resolve("laco.json").toFile(), record);
        assertThat(accuracy(verify()).get("outcome").asText()).isEqualTo("failed");
        ((ObjectNode) record.get("measures")).remove("accuracy");
        JSON.writeValue(out.resolve("laco.json").toFile(), record);
        assertThat(accuracy(verify()).get("detail").asText())
                .isEqualTo("the record has no accuracy of these weights: they were trained after the search");
        ((ObjectNode) record.get("measures")).put("accuracy", recorded);
        ((ObjectNode) record.get("settings")).put("questionChoices", "4 4");
        JSON.writeValue(out.resolve("laco.json").toFile(), record);
        assertThat(accuracy(verify()).get("detail").asText())
                .isEqualTo("they can't be asked: the record's questions are not those of its sequences");
    }

    @Test
    void refusesWhatDoesNotGoTogether() {
        assertThat(collapse("--objective", "kl").err())
                .startsWith(
                        "laco: --questions are judged by accuracy, not by --objective kl: leave one of the two out\n");
        assertThat(collapse("--calibration", questions).err())
                .startsWith(
                        "laco: --questions and --calibration exclude one another: similarity is measured on the questions\n");
        Run alone = Run.laco("collapse", embedded.model(), out, "--target-layers", 11, "--objective", "accuracy");
        assertThat(alone.exitCode()).isEqualTo(2);
        assertThat(alone.err())
                .startsWith("laco: the objective accuracy is that on questions: give --questions FILE\n");
        assertThat(out).doesNotExist();
    }
}
