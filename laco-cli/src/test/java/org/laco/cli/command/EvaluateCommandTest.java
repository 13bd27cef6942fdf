package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.cli.Fixture;
import org.laco.cli.Run;
import org.laco.examples.EmbeddedModel;

class EvaluateCommandTest {
    @TempDir
    static Path directory;

    private static EmbeddedModel embedded;

    @BeforeAll
    static void extract() throws IOException {
        embedded = EmbeddedModel.extractTo(directory);
    }

    @Test
    void measuresEachLineAsADocument() throws IOException {
        // The whole of expected.json is held by the demo's test; here the definition: one line alone is one document.
        List<String> lines = Files.readAllLines(embedded.heldOut()).subList(0, 2);
        JsonNode both = perLine(String.join("\n", lines));
        JsonNode first = perLine(lines.get(0));
        JsonNode second = perLine("\n" + lines.get(1) + "\n\n");
        assertThat(both.get("tokens").asLong())
                .isEqualTo(first.get("tokens").asLong() + second.get("tokens").asLong());
        assertThat(both.get("meanNegativeLogLikelihood").asDouble()
                        * both.get("tokens").asLong())
                .isCloseTo(sum(first) + sum(second), within(1e-3));
    }

    private static double sum(JsonNode measured) {
        return measured.get("meanNegativeLogLikelihood").asDouble()
                * measured.get("tokens").asLong();
    }

    private JsonNode perLine(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("lines.txt"), text);
        Run run = Run.laco("evaluate", embedded.model(), "--text", file, "--per-line", "--json", "--quiet");
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.json();
    }

    @Test
    void cutsTheWholeTextIntoWindows() throws IOException {
        Run run = Run.laco(
                "evaluate",
                embedded.model(),
                "--text",
                embedded.heldOut(),
                "--window",
                "100",
                "--max-tokens",
                "450",
                "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("tokens").asLong()).isEqualTo(4 * 99);
        assertThat(run.json().get("perplexity").asDouble())
                .isCloseTo(Math.exp(run.json().get("meanNegativeLogLikelihood").asDouble()), within(1e-9));
        assertThat(run.json().has("accuracy")).isFalse();
        assertThat(run.err()).contains("perplexity   ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--max-tokens=100", "--text-tokens=100"})
    void namesTheOptionThatWasTyped(String tokens) {
        Run run = Run.laco("evaluate", embedded.model(), "--text", embedded.heldOut(), tokens);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("laco: " + tokens.replace('=', ' ') + " is less than one window of 512 tokens: ");
    }

    @Test
    void printsPerplexityAndAccuracy() throws IOException {
        Path choices = directory.resolve("some.jsonl");
        Files.write(choices, Files.readAllLines(embedded.choices()).subList(0, 8));
        Run run = Run.laco("evaluate", embedded.model(), "--choices", choices);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern("accuracy     \\d+\\.\\d % \\(\\d of 8, standard error \\d+\\.\\d\\)\n");
    }

    @Test
    void namesEveryMeasureOfTheAnswers() throws IOException {
        Path choices = directory.resolve("eight.jsonl");
        Files.write(choices, Files.readAllLines(embedded.choices()).subList(0, 8));
        Run run = Run.laco("evaluate", embedded.model(), "--choices", choices, "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.get("chance").asDouble()).isEqualTo(.25);
        assertError(json, "accuracy", "standardError");
        for (String name : List.of("accuracyPerToken", "accuracyPerByte", "accNorm", "accBytes")) {
            assertError(json, name, name + "StandardError");
        }
        assertThat(run.err()).contains("\n  acc_norm   ", "\n  acc_bytes  ", "\n  per token  ", "\n  per byte   ");

        Path one = Files.writeString(
                directory.resolve("one.jsonl"), Files.readAllLines(choices).get(0));
        Run alone = Run.laco("evaluate", embedded.model(), "--choices", one, "--json");
        assertThat(alone.json().get("standardError").isNull()).isTrue();
        assertThat(alone.err()).containsPattern("accuracy     \\d+\\.0 % \\(\\d of 1\\)\n");
    }

    private static void assertError(JsonNode json, String name, String error) {
        double share = json.get(name).asDouble();
        assertThat(json.get(error).asDouble()).as(name).isCloseTo(Math.sqrt(share * (1 - share) / 7), within(1e-12));
    }

    @Test
    void measuresAllTasksOfADirectoryAgainstTheOriginal() throws IOException {
        Path tasks = Files.createDirectory(directory.resolve("tasks"));
        List<String> questions = Files.readAllLines(embedded.choices());
        Files.write(tasks.resolve("second.jsonl"), questions.subList(8, 12));
        Files.write(tasks.resolve("first.jsonl"), questions.subList(0, 8));
        Files.writeString(tasks.resolve("README.md"), "no task");

        Run run = Run.laco("evaluate", embedded.model(), "--tasks", tasks, "--against", embedded.model(), "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.get("tasks").findValuesAsText("task")).containsExactly("first", "second");
        assertThat(json.get("tasks").get(0).get("items").asInt()).isEqualTo(8);
        assertThat(json.get("tasks").get(1).get("original").get("items").asInt())
                .isEqualTo(4);
        assertThat(json.get("kept").get("accuracy").get("ratioOfMeans").asDouble())
                .isEqualTo(1);
        assertThat(json.has("perplexity")).isFalse();
        assertThat(run.err())
                .contains("\nfirst          8    25.0  ", "\nmean ", "\nratio of means                100.0   ");
    }

    @Test
    void asksTheFirstQuestionsOfEachFileAndGivesTheirLogLikelihoods() throws IOException {
        Path tasks = Files.createDirectory(directory.resolve("limited"));
        List<String> questions = Files.readAllLines(embedded.choices());
        Files.write(tasks.resolve("long.jsonl"), questions.subList(0, 8));
        Files.write(tasks.resolve("short.jsonl"), questions.subList(8, 9));

        Run run =
                Run.laco("evaluate", embedded.model(), "--tasks", tasks, "--limit", "2", "--log-likelihoods", "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode rows = run.json().get("tasks");
        assertThat(rows.get(0).get("items").asInt()).isEqualTo(2);
        assertThat(rows.get(1).get("items").asInt()).isEqualTo(1);
        // What lm-evaluation-harness gave for the same two questions.
        JsonNode sums = new ObjectMapper()
                .readTree(new File("../laco-examples/model/harness.json"))
                .get("sums");
        for (int i = 0; i < 2; i++) {
            for (int choice = 0; choice < 4; choice++) {
                assertThat(rows.get(0).get("logLikelihoods").get(i).get(choice).asDouble())
                        .isCloseTo(sums.get(i).get(choice).asDouble(), within(1e-4));
            }
        }
        assertThat(Run.laco("evaluate", embedded.model(), "--tasks", tasks, "--limit", "0")
                        .err())
                .contains("'--limit' is 0, expected at least 1");
        assertThat(Run.laco("evaluate", embedded.model(), "--text", tasks, "--limit", "1")
                        .err())
                .contains("'--limit' needs '--choices' or '--tasks'");
    }

    @Test
    void refusesTasksThatAreNone() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("no-tasks"));
        assertError(
                Run.laco("evaluate", embedded.model(), "--tasks", empty),
                empty + " holds no .jsonl file, expected one a task");
        assertError(
                Run.laco("evaluate", embedded.model(), "--tasks", directory.resolve("absent")),
                "absent is no directory, expected one with a .jsonl file a task");
        Run against = Run.laco("evaluate", embedded.model(), "--choices", "x", "--against", embedded.model());
        assertThat(against.exitCode()).isEqualTo(2);
        assertThat(against.err()).startsWith("laco: '--against' needs '--tasks' or '--prompts'\n");
    }

    @Test
    void refusesWhatItCannotMeasure() throws IOException {
        Run nothing = Run.laco("evaluate", embedded.model());
        assertThat(nothing.exitCode()).isEqualTo(2);
        assertThat(nothing.err())
                .startsWith("laco: Missing required option: '--text', '--choices', '--tasks' or '--prompts'\n");
        Path empty = Files.writeString(directory.resolve("empty.txt"), "");
        assertError(Run.laco("evaluate", embedded.model(), "--text", empty), "less than one window of 512");
        assertError(Run.laco("evaluate", embedded.model(), "--text", empty, "--per-line"), "there is no text");
        assertError(Run.laco("evaluate", embedded.model(), "--choices", empty), "there are no questions");
        Path wrong = Files.writeString(
                directory.resolve("wrong.jsonl"), "{\"context\": \"a\", \"choices\": [\" b\"], \"answer\": 1}");
        assertError(
                Run.laco("evaluate", embedded.model(), "--choices", wrong),
                "wrong.jsonl, line 1: the answer is choice 1, expected 0 to 0");
        assertError(
                Run.laco("evaluate", embedded.model(), "--text", directory.resolve("absent.txt")),
                "absent.txt is missing");
    }

    private static void assertError(Run run, String message) {
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines().filter(line -> line.startsWith("laco: "))).hasSize(1);
        assertThat(run.err()).contains(message);
    }

    @Test
    void goesOnWithPromptsAsTheOriginalDoes() throws IOException {
        Path prompts =
                Files.writeString(directory.resolve("prompts.txt"), "Pelka has a cow. It eats\n\nThe day after\n");

        Run run = Run.laco(
                "evaluate",
                embedded.model(),
                "--prompts",
                prompts,
                "--tokens",
                8,
                "--against",
                embedded.model(),
                "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode generated = run.json().get("generated");
        assertThat(generated.get("agreement").asDouble()).isEqualTo(1);
        assertThat(generated.get("texts").get(0).get("prompt").asText()).isEqualTo("Pelka has a cow. It eats");
        assertThat(generated.get("texts").get(0).get("continuation").asText()).startsWith(" grass.");
        assertThat(generated.get("texts").get(1).get("ids")).hasSizeBetween(1, 8);
        assertThat(run.err()).contains("agreement with the original  100.0 %\n", "\ngoes on   grass.");
        assertThat(Run.laco("evaluate", embedded.model(), "--text", prompts, "--tokens", 8)
                        .err())
                .contains("'--tokens' needs '--prompts'");
        assertThat(Run.laco("evaluate", embedded.model(), "--prompts", prompts, "--tokens", 0)
                        .err())
                .contains("'--tokens' is 0, expected at least 1");
    }

    @Test
    void continuesAPrompt() throws IOException {
        Run run =
                Run.laco("generate", embedded.model(), "--prompt", "Pelka has a cow. It eats", "--tokens", 8, "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("ids")).hasSizeLessThanOrEqualTo(8);
        // The model's calibration text goes on in this way.
        assertThat(run.json().get("continuation").asText()).startsWith(" grass.");
        Run text = Run.laco("generate", embedded.model(), "--prompt", "Pelka has a cow. It eats", "--tokens", 8);
        assertThat(text.out())
                .isEqualTo("Pelka has a cow. It eats"
                        + run.json().get("continuation").asText() + "\n");
    }

    @Test
    void refusesMoreTokensThanLearnedPositionsBeforeAnythingIsRun() throws IOException {
        Path text = Files.writeString(directory.resolve("long.txt"), "a b\n\n" + "a b ".repeat(200) + "\n");
        Path model = Fixture.named("gpt2").model();
        assertThat(Run.laco("evaluate", model, "--text", text, "--window", 128, "-q")
                        .err())
                .isEqualTo("laco: a window of 128 tokens is longer than the 64 that the model takes: give"
                        + " --window 64\n");
        assertThat(Run.laco("evaluate", model, "--text", text, "--per-line", "-q")
                        .err())
                .matches("laco: " + text + ", line 3: \\d+ tokens are more than the 64 that the model takes\n");
        Run fits = Run.laco("evaluate", model, "--text", text, "--window", 64, "-q");
        assertThat(fits.exitCode()).as(fits.err()).isZero();
    }

    @Test
    void passesOverAByteOrderMark() throws IOException {
        assertThat(perLine("\uFEFFA cow eats grass.\n").get("perplexity"))
                .isEqualTo(perLine("A cow eats grass.\n").get("perplexity"));
    }
}
