package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that are more than a language model, or less, from the command line. */
class MultimodalAndHeadlessTest {
    private static final String PLAN =
            "{\"originalLayers\": 8, \"layers\": [0, 1, 2, 3, {\"merge\": [4, 5, 6], \"rule\": \"telescoped\"}, 7]}";
    private static final String NO_HEAD = "no language-model head (lm_head.weight)";

    @TempDir
    Path directory;

    private Path text() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int line = 0; line < 12; line++) {
            lines.append("{\"input_ids\": [");
            for (int i = 0; i < 12; i++) {
                lines.append(i == 0 ? "" : ", ").append((line * 53 + i * 37 + i * i) % 320);
            }
            lines.append("]}\n");
        }
        return Files.writeString(directory.resolve("text.jsonl"), lines);
    }

    private Path apply(TinyCheckpoint checkpoint) throws IOException {
        Path out = directory.resolve("out");
        Path plan = Files.writeString(directory.resolve("plan.json"), PLAN);
        Run run = Run.laco(
                "apply", checkpoint.directory(), out, "--plan", plan, "--calibration", checkpoint.calibration());
        assertThat(run.exitCode()).as(run.err()).isZero();
        return out;
    }

    private static void refuses(String expected, Object... arguments) {
        Run run = Run.laco(arguments);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("laco: ", expected).doesNotContain("unexpected", "\tat ");
    }

    @Test
    void showsBothTowers() throws IOException {
        Path model = TinyCheckpoint.copy("qwen3_vl", directory.resolve("model")).directory();
        Run run = Run.laco("inspect", model);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("family       Qwen 3 VL\n", "model type   qwen3_vl\n", "layers       8\n")
                .containsPattern("text tower   [0-9,]+ parameters, named model\\.language_model\\.…\n")
                .containsPattern("beside it    [0-9,]+ parameters of model\\.visual, copied\n")
                .contains("head         lm_head.weight\n")
                .contains("1 (attention full, vision features added after layer 1); 2-7 (");

        JsonNode json = Run.laco("inspect", model, "--json").json();
        assertThat(json.get("languageModel").get("prefix").asText()).isEqualTo("model.language_model.");
        assertThat(json.get("languageModel").get("hasHead").asBoolean()).isTrue();
        assertThat(json.get("languageModel").get("parameters").asLong()
                        + json.get("beside").get("model.visual").asLong())
                .isEqualTo(json.get("parameters").asLong());
    }

    @Test
    void appliesVerifiesAndHealsALanguageModelInPlace() throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.copy("qwen3_vl", directory.resolve("model"));
        Path out = apply(checkpoint);
        Run verified = Run.laco("verify", out, "--source", checkpoint.directory());
        assertThat(verified.exitCode()).as(verified.out() + verified.err()).isZero();

        Path healed = directory.resolve("healed");
        Path adapter = directory.resolve("adapter");
        Run run = heal(checkpoint, out, healed, "--write-unimproved");
        assertThat(run.exitCode()).as(run.err()).isZero();
        run = heal(checkpoint, out, "--adapters", adapter, "--lora-rank", 2);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Files.readString(adapter.resolve("adapter_config.json")))
                .contains("\"model.language_model.layers.4.");
        Run healedVerified = Run.laco("verify", healed, "--source", checkpoint.directory());
        assertThat(healedVerified.exitCode())
                .as(healedVerified.out() + healedVerified.err())
                .isZero();
    }

    private Run heal(TinyCheckpoint original, Path model, Object... more) throws IOException {
        return Run.laco(Stream.concat(
                        Stream.of(
                                "heal",
                                "--teacher",
                                original.directory(),
                                model,
                                "--text",
                                text(),
                                "--per-line",
                                "--tokens",
                                96,
                                "--window",
                                12,
                                "--batch",
                                4,
                                "--validations",
                                1),
                        Stream.of(more))
                .toArray());
    }

    @Test
    void leavesLayersThatAVisionTowerFeeds() throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.copy("qwen3_vl", directory.resolve("model"));
        Path plan = Files.writeString(
                directory.resolve("plan.json"),
                PLAN.replace("1, 2, 3, ", "1, 2, ")
                        .replace("[0, 1, 2", "[{\"merge\": [0, 1], \"rule\": \"telescoped\"}, 2, 3"));
        refuses(
                "layers 0 and 1 differ in vision features: added after layer 0 and added after layer 1",
                "apply",
                checkpoint.directory(),
                directory.resolve("out"),
                "--plan",
                plan,
                "--calibration",
                checkpoint.calibration());
        Run run = Run.laco(
                "collapse",
                checkpoint.directory(),
                directory.resolve("out"),
                "--target-layers",
                4,
                "--low",
                0,
                "--calibration",
                checkpoint.calibration(),
                "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("layers").get(0).toString()).isEqualTo("[0]");
        assertThat(run.json().get("layers").get(1).toString()).isEqualTo("[1]");
    }

    @Test
    void searchesAModelWithoutAHeadByItsHiddenStates() throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.copy("qwen3_base", directory.resolve("model"));
        assertThat(Run.laco("inspect", checkpoint.directory()).out())
                .contains("head         none, only hidden states can be compared\n");
        Run run = Run.laco(
                "collapse",
                checkpoint.directory(),
                directory.resolve("out"),
                "--target-layers",
                5,
                "--calibration",
                checkpoint.calibration(),
                "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        Run verified = Run.laco("verify", directory.resolve("out"), "--source", checkpoint.directory());
        assertThat(verified.exitCode()).as(verified.out() + verified.err()).isZero();
    }

    @Test
    void saysOfAModelWithoutAHeadWhatNeedsOne() throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.copy("qwen2_classifier", directory.resolve("model"));
        refuses(
                NO_HEAD,
                "collapse",
                checkpoint.directory(),
                directory.resolve("out"),
                "--target-layers",
                5,
                "--objective",
                "kl",
                "--calibration",
                checkpoint.calibration());
        refuses(NO_HEAD, "evaluate", checkpoint.directory(), "--text", text(), "--per-line");
        refuses(
                NO_HEAD,
                "heal",
                "--teacher",
                checkpoint.directory(),
                apply(checkpoint),
                directory.resolve("healed"),
                "--text",
                text(),
                "--per-line");
    }
}
