package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.HashCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.cli.Run;
import org.laco.cli.TinyCheckpoint;
import org.laco.examples.EmbeddedModel;
import org.laco.io.array.FileTensors;
import org.laco.page.Xml;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Trains a fixture of 8 layers after layers 4 to 6 of it were merged. */
class HealCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private TinyCheckpoint original;
    private Path model;
    private Path text;
    private Path out;

    @BeforeEach
    void collapse() throws IOException {
        original = TinyCheckpoint.copyTo(directory.resolve("original"));
        Path plan = Files.writeString(
                directory.resolve("plan.json"),
                "{\"originalLayers\": 8, \"layers\": [0, 1, 2, 3, {\"merge\": [4, 5, 6], \"rule\": \"telescoped\"}, 7]}");
        model = directory.resolve("model");
        out = directory.resolve("out");
        Run run =
                Run.laco("apply", original.directory(), model, "--plan", plan, "--calibration", original.calibration());
        assertThat(run.exitCode()).as(run.err()).isZero();
        StringBuilder lines = new StringBuilder();
        for (int line = 0; line < 30; line++) {
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                ids.add((line * 53 + i * 37 + i * i) % 320);
            }
            lines.append("{\"input_ids\": ").append(ids).append("}\n");
        }
        text = Files.writeString(directory.resolve("text.jsonl"), lines);
    }

    private static Object[] all(Object[] first, Object... more) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toArray();
    }

    private Run heal(Object... more) {
        return Run.laco(all(
                new Object[] {
                    "heal",
                    "--text",
                    text,
                    "--per-line",
                    "--tokens",
                    12 * 4 * 8,
                    "--window",
                    12,
                    "--batch",
                    4,
                    "--validations",
                    4,
                    "--json"
                },
                more));
    }

    private Run healed(Object... more) {
        Run run = heal(all(new Object[] {"--teacher", original.directory(), model}, more));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }

    private void refuses(int exitCode, String expected, Run run) throws IOException {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(run.err().lines().filter(line -> line.startsWith("laco: ")))
                .singleElement()
                .asString()
                .contains(expected);
        assertThat(run.err()).doesNotContain("\tat ");
        assertThat(out).doesNotExist();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }

    private static Map<String, String> outcomes(Run run) throws IOException {
        Map<String, String> outcomes = new TreeMap<>();
        run.json()
                .get("checks")
                .forEach(check -> outcomes.put(
                        check.get("name").asText(), check.get("outcome").asText()));
        return outcomes;
    }

    @Test
    void writesAModelOfLessLossWithARecordThatCanBeVerified() throws IOException {
        Run run = healed(out);

        JsonNode training = run.json().get("training");
        assertThat(training.get("lossAfter").asDouble())
                .isLessThan(training.get("lossBefore").asDouble());
        assertThat(training.get("improved").asBoolean()).isTrue();
        assertThat(training.get("text").get("file").asText()).isEqualTo("text.jsonl");
        assertThat(training.get("settings").get("trained").asText()).isEqualTo("merged");
        assertThat(training.get("validations")).hasSize(5);
        JsonNode record = JSON.readTree(out.resolve("laco.json").toFile());
        assertThat(record.get("training")).isEqualTo(training);
        assertThat(record.get("layersBefore").asInt())
                .as("recorded as the original's")
                .isEqualTo(8);
        assertThat(record.get("inputs").get("model.safetensors").asText())
                .isEqualTo(TinyCheckpoint.hashes(original.directory())
                        .get("model.safetensors")
                        .toString());
        JsonNode layer = record.get("plan").get("layers").get(4);
        assertThat(layer.get("refit").get("merge")).hasSize(3);
        assertThat(layer.get("tensors")
                        .get("mlp.down_proj.weight")
                        .get("method")
                        .asText())
                .isEqualTo("kl");
        assertThat(directory.resolve(".out.laco-training")).doesNotExist();

        Run verified = Run.laco("verify", out, "--source", original.directory(), "--json");
        assertThat(verified.exitCode()).as(verified.out()).isZero();
        assertThat(outcomes(verified))
                .containsExactly(
                        Map.entry("inputs", "passed"),
                        Map.entry("outputs", "passed"),
                        Map.entry("plan", "passed"),
                        Map.entry("similarity", "passed"),
                        Map.entry("trained", "passed"));
        assertThat(verified.out())
                .contains("trained tensors have the hashes of the plan (model.layers.4.")
                .contains("gives the same bits on the same machine only");
        Run alone = Run.laco("verify", out, "--json");
        assertThat(outcomes(alone)).containsEntry("trained", "passed").containsEntry("plan", "skipped");
    }

    @Test
    void trainsEqualBytesTwiceAndOthersWithAnotherSeed() throws IOException {
        Path again = directory.resolve("again");
        Path other = directory.resolve("other");
        healed(out);
        healed(again);
        healed(other, "--seed", 1);

        TreeMap<String, HashCode> hashes = TinyCheckpoint.hashes(out);
        assertThat(TinyCheckpoint.hashes(again)).isEqualTo(hashes);
        assertThat(TinyCheckpoint.hashes(other).get("model.safetensors")).isNotEqualTo(hashes.get("model.safetensors"));
    }

    @Test
    void findsATrainedWeightThatIsAnother() throws IOException {
        healed(out);
        var record = (ObjectNode) JSON.readTree(out.resolve("laco.json").toFile());
        record.get("plan").findParents("sha256").forEach(tensor -> ((ObjectNode) tensor).put("sha256", "00"));
        Files.writeString(out.resolve("laco.json"), record.toString());

        assertThat(outcomes(Run.laco("verify", out, "--json"))).containsEntry("trained", "failed");
    }

    @Test
    void aPlanWithTrainedWeightsSaysWhatToDo() throws IOException {
        healed(out);
        Path applied = directory.resolve("applied");
        Run run = Run.laco(
                "apply",
                original.directory(),
                applied,
                "--plan",
                out.resolve("laco.json"),
                "--calibration",
                original.calibration());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains(
                        " was trained and the plan holds only its hash: take the checkpoint that was written with it, or apply"
                                + " the plan with a refit and train the result again\n");
        Run refitted = Run.laco(
                "apply",
                original.directory(),
                applied,
                "--plan",
                out.resolve("laco.json"),
                "--calibration",
                original.calibration(),
                "--refit",
                "--refit-tokens-per-input",
                0);
        assertThat(refitted.exitCode()).as(refitted.err()).isZero();
        assertThat(refitted.out()).contains("the plan's trained weights are left out");
    }

    @Test
    void trainsWhatWasTrainedBefore() throws IOException {
        healed(out);
        Path twice = directory.resolve("twice");
        Run run = heal("--teacher", original.directory(), out, twice, "--seed", 1, "--train", "last-1");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json()
                        .get("training")
                        .get("before")
                        .get("settings")
                        .get("seed")
                        .asInt())
                .isZero();
        assertThat(Run.laco("verify", twice, "--source", original.directory()).exitCode())
                .isZero();
    }

    @Test
    void takesAModelThatItsPlanDidNotMakeForItself() throws IOException {
        TinyCheckpoint changed = new TinyCheckpoint(model);
        byte[] bytes = Files.readAllBytes(changed.weights());
        bytes[bytes.length - 1] ^= 0x10;
        Files.write(changed.weights(), bytes);
        Run run = healed(out, "--calibration", original.calibration());

        assertThat(run.err())
                .contains("MODEL isn't taken for what its record makes of the original")
                .contains(" has other values\n");
        JsonNode record = run.json();
        assertThat(record.get("layersBefore").asInt()).isEqualTo(6);
        assertThat(record.get("training")
                        .get("original")
                        .get("model.safetensors")
                        .asText())
                .isEqualTo(TinyCheckpoint.hashes(original.directory())
                        .get("model.safetensors")
                        .toString());
        assertThat(Run.laco("verify", out, "--source", model).exitCode()).isZero();
    }

    @Test
    void trainsAnyModelTowardATextWithoutAnOriginal() throws IOException {
        Run run = heal(
                original.directory(),
                out,
                "--loss",
                "next-token",
                "--train",
                "last-2",
                "--norms",
                "--calibration",
                original.calibration());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("training").get("settings").get("trained").asText())
                .isEqualTo("last-2 and norms");
        assertThat(Run.laco("verify", out, "--source", original.directory()).exitCode())
                .isZero();
    }

    @Test
    void writesNothingIfNoStepHelpedUnlessItIsAskedTo() throws IOException {
        Run run = healed(out, "--learning-rate", 10, "--warmup", 0);

        assertThat(run.json().get("training").get("improved").asBoolean()).isFalse();
        assertThat(run.json().get("written").isNull()).isTrue();
        assertThat(run.err())
                .contains("no step made it smaller")
                .contains("Nothing was written (--write-unimproved writes MODEL's weights to OUT).\n");
        assertThat(out).doesNotExist();
        assertThat(directory.resolve(".out.laco-training")).doesNotExist();

        healed(out, "--learning-rate", 10, "--warmup", 0, "--write-unimproved");
        assertThat(TinyCheckpoint.hashes(out).get("model.safetensors"))
                .isEqualTo(TinyCheckpoint.hashes(model).get("model.safetensors"));
        assertThat(Run.laco("verify", out, "--source", original.directory()).exitCode())
                .isZero();
    }

    /**
     * Loaded by PEFT 0.21.2 and transformers 5.24.0, such an adapter is found by all of its 7 modules and no other weight changes; merged there
     * in float32, weights differ from W + α/r · B·A by 3e-8 at most, and logits from those of the adapter beside them by 5e-6.
     */
    @Test
    void writesAdaptersWhoseProductIsWhatIsFoldedIn() throws IOException {
        Path adapters = directory.resolve("adapters");
        Object[] form = {"--lora-rank", 4, "--lora-alpha", 6, "--learning-rate", 5e-3};
        healed(all(new Object[] {out}, form));
        healed(all(new Object[] {"--adapters", adapters}, form));

        JsonNode config = JSON.readTree(adapters.resolve("adapter_config.json").toFile());
        assertThat(config.get("peft_type").asText()).isEqualTo("LORA");
        assertThat(config.get("r").asInt()).isEqualTo(4);
        assertThat(config.get("lora_alpha").asDouble()).isEqualTo(6);
        assertThat(config.get("target_modules")).hasSize(7);
        String module = "model.layers.4.mlp.down_proj";
        try (FileTensors factors = FileTensors.open(adapters.resolve("adapter_model.safetensors"));
                FileTensors before = FileTensors.open(model.resolve("model.safetensors"));
                FileTensors after = FileTensors.open(out.resolve("model.safetensors"));
                INDArray a = factors.tensor("base_model.model." + module + ".lora_A.weight")
                        .load();
                INDArray b = factors.tensor("base_model.model." + module + ".lora_B.weight")
                        .load();
                INDArray was = before.tensor(module + ".weight").load();
                INDArray is = after.tensor(module + ".weight").load()) {
            assertThat(a.shape()[0]).isEqualTo(4);
            INDArray change = b.mmul(a).mul(6.0 / 4);
            assertThat(change.amaxNumber().doubleValue()).isPositive();
            // Rounded to bfloat16's 8 bits.
            INDArray difference = is.sub(was.add(change));
            assertThat(difference.amaxNumber().doubleValue())
                    .isCloseTo(0, within(is.amaxNumber().doubleValue() / 256));
            assertThat(is.equals(was)).isFalse();
        }
        Run again = heal(
                all(new Object[] {"--teacher", original.directory(), model, "--adapters", adapters, "--force"}, form));
        assertThat(again.exitCode()).as(again.err()).isZero();
    }

    @Test
    void drawsTheCourseOfTheLoss() throws IOException {
        Path table = directory.resolve("loss.csv");
        Path picture = directory.resolve("loss.svg");
        Run run = healed("--no-write", "--loss-curve", table, "--loss-curve", picture);

        List<String> lines = Files.readAllLines(table);
        assertThat(lines)
                .hasSize(1 + 1 + 8)
                .first()
                .isEqualTo("step,tokens,loss,gradientNorm,learningRate,validationLoss");
        assertThat(lines.get(1))
                .isEqualTo(
                        "0,0,,,," + run.json().get("training").get("lossBefore").asText());
        assertThat(lines.get(9)).startsWith("8,384,");
        Document drawn = Xml.parse(Files.readString(picture));
        assertThat(Xml.elements(drawn, "g"))
                .extracting(curve -> curve.getAttribute("data-curve"))
                .contains("each step", "validation text");
        List<String> tips = Xml.elements(drawn, "title").stream()
                .map(Element::getTextContent)
                .toList();
        assertThat(tips.get(0))
                .isEqualTo(String.format(
                        Locale.ROOT,
                        "after 0 tokens: %.4f",
                        run.json().at("/training/lossBefore").asDouble()));
        assertThat(tips.get(tips.size() - 1)).startsWith("after 384 tokens: ");
        assertThat(out).doesNotExist();
        assertThat(run.err()).containsPattern("after step 8: loss \\d\\.\\d+ on the validation text.* tokens a second");
    }

    @Test
    void statesNoSpeedWhereASingleStepHasNone() throws IOException {
        Run run = Run.laco(
                "heal",
                "--teacher",
                original.directory(),
                model,
                "--text",
                text,
                "--per-line",
                "--window",
                12,
                "--batch",
                4,
                "--tokens",
                12 * 4,
                "--validations",
                1,
                "--no-write",
                "--write-unimproved",
                "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("trainingCost").has("tokensPerSecond")).isFalse();
        assertThat(run.err()).contains("training ").doesNotContain("tokens a second");
        assertThat(healed("--no-write")
                        .json()
                        .get("trainingCost")
                        .get("tokensPerSecond")
                        .asDouble())
                .isPositive();
    }

    @Test
    void refusesWhatCanNotBeTrained() throws IOException {
        Path teacher = original.directory();
        refuses(2, "Missing required option: '--text=FILE'", Run.laco("heal", model, out, "--teacher", teacher));
        refuses(2, "'--teacher=ORIGINAL' (or --loss next-token)", heal(model, out));
        refuses(2, "Missing required parameter: 'OUT'", heal(model, "--teacher", teacher));
        refuses(2, "'ridge' is no loss", heal(model, out, "--teacher", teacher, "--loss", "ridge"));
        refuses(2, "'last-0' names no layers", heal(model, out, "--teacher", teacher, "--train", "last-0"));
        refuses(2, "needs its rank", heal(model, out, "--teacher", teacher, "--lora-alpha", 2));
        refuses(2, "the patience is 0 validations", heal(model, out, "--teacher", teacher, "--patience", 0));
        refuses(2, "give a rank", heal(model, "--teacher", teacher, "--adapters", out));
        refuses(2, "takes the place of OUT", heal(model, out, "--teacher", teacher, "--adapters", out));
        refuses(1, "is neither", heal(model, out, "--teacher", teacher, "--loss-curve", directory.resolve("loss.png")));
        refuses(
                1,
                teacher
                        + " has no laco.json that tells its merged layers: choose the layers by --train last-N or --train all",
                heal(teacher, out, "--teacher", teacher));
        refuses(1, "overlaps the input", heal(model, teacher.resolve("out"), "--teacher", teacher));
        refuses(1, "is missing", heal(model, out, "--teacher", teacher, "--validation-text", directory.resolve("no")));
    }

    @Test
    void refusesAnOriginalOfAnotherVocabulary() throws IOException {
        Path embedded = EmbeddedModel.extractTo(Files.createDirectory(directory.resolve("other")))
                .model();
        refuses(
                1,
                "vocabulary of",
                heal(
                        original.directory(),
                        out,
                        "--teacher",
                        embedded,
                        "--train",
                        "all",
                        "--calibration",
                        original.calibration()));
    }

    @Test
    void trainsWhatLiesOutsideOfTheLayersToo() throws IOException {
        Run run = healed(out, "--train", "everything");

        JsonNode record = JSON.readTree(out.resolve("laco.json").toFile());
        assertThat(run.json().get("training").get("settings").get("trained").asText())
                .isEqualTo("everything");
        assertThat(record.get("plan").get("outside").has("model.embed_tokens.weight"))
                .isTrue();
        assertThat(outcomes(Run.laco("verify", out, "--source", original.directory(), "--json")))
                .containsEntry("plan", "passed")
                .containsEntry("trained", "passed")
                .containsEntry("similarity", "passed");
        Path twice = directory.resolve("twice");
        Run again = heal("--teacher", original.directory(), out, twice, "--train", "last-1", "--seed", 1);
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(again.err()).doesNotContain("isn't taken for");
        assertThat(Run.laco("verify", twice, "--source", original.directory()).exitCode())
                .isZero();
    }

    @Test
    void healsAtOnceToTheBytesOfHealingLater() throws IOException {
        Path later = directory.resolve("later");
        Path between = directory.resolve("between");
        ImmutableList<Object> search =
                ImmutableList.of("--calibration", original.calibration(), "--target-layers", 6, "--search", "last");
        assertThat(Run.laco(all(new Object[] {"collapse", original.directory(), between}, search.toArray()))
                        .exitCode())
                .isZero();
        Run second = heal("--teacher", original.directory(), between, later, "--train", "last-2");
        assertThat(second.exitCode()).as(second.err()).isZero();

        Object[] training = {
            "--heal-text",
            text,
            "--heal-per-line",
            "--heal-tokens",
            12 * 4 * 8,
            "--heal-window",
            12,
            "--heal-batch",
            4,
            "--heal-validations",
            4,
            "--heal-train",
            "last-2",
            "--json"
        };
        Run once = Run.laco(all(all(new Object[] {"collapse", original.directory(), out}, search.toArray()), training));
        assertThat(once.exitCode()).as(once.err()).isZero();
        assertThat(once.json().get("trainingCost").get("seconds").asDouble()).isPositive();
        assertThat(TinyCheckpoint.hashes(out)).isEqualTo(TinyCheckpoint.hashes(later));
        assertThat(directory.resolve(".out.laco-training")).doesNotExist();
    }
}
