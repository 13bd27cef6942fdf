package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Input that can't be used gets one line on standard error, exit code 1, and nothing is written. */
class BadInputTest {
    private static final String NORM = "model.layers.3.input_layernorm.weight";

    @TempDir
    Path directory;

    private TinyCheckpoint checkpoint;

    @BeforeEach
    void copy() throws IOException {
        checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
    }

    private void refuses(String expected, Object... more) throws IOException {
        refusesWith(checkpoint.calibration(), directory.resolve("out/collapsed"), expected, more);
    }

    private void refusesWith(Path calibration, Path target, String expected, Object... more) throws IOException {
        Object[] args = new Object[more.length + 5];
        System.arraycopy(
                new Object[] {"collapse", checkpoint.directory(), target, "--calibration", calibration}, 0, args, 0, 5);
        System.arraycopy(more, 0, args, 5, more.length);
        var before = TinyCheckpoint.hashes(checkpoint.directory());
        Run run = Run.laco(args);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        String line = run.err()
                .lines()
                .filter(text -> text.startsWith("laco: "))
                .findFirst()
                .orElseThrow();
        assertThat(line).contains(expected);
        assertThat(run.err().lines().filter(text -> text.startsWith("\tat "))).isEmpty();
        assertThat(TinyCheckpoint.hashes(checkpoint.directory())).isEqualTo(before);
        assertThat(directory.resolve("out"))
                .satisfiesAnyOf(out -> assertThat(out).doesNotExist(), out -> assertThat(out)
                        .isEmptyDirectory());
    }

    @Test
    void refusesADirectoryThatIsMissing() throws IOException {
        Run run = Run.laco("inspect", directory.resolve("nothing"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("laco: " + directory.resolve("nothing") + " is not a directory\n");
    }

    @Test
    void refusesAnEmptyFile() throws IOException {
        Files.write(checkpoint.weights(), new byte[0]);
        refuses("model.safetensors: the file has 0 bytes");
    }

    @Test
    void refusesATruncatedHeader() throws IOException {
        Files.write(checkpoint.weights(), Arrays.copyOf(Files.readAllBytes(checkpoint.weights()), 1000));
        refuses("model.safetensors: ");
    }

    @Test
    void refusesATruncatedBuffer() throws IOException {
        byte[] bytes = Files.readAllBytes(checkpoint.weights());
        Files.write(checkpoint.weights(), Arrays.copyOf(bytes, bytes.length - 1));
        refuses("model.safetensors: ");
    }

    @Test
    void refusesAHeaderOfLength2To63() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(checkpoint.weights().toFile(), "rw")) {
            file.write(new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) 0x80});
        }
        refuses("model.safetensors: ");
    }

    @Test
    void refusesOverlappingOffsets() throws IOException {
        checkpoint.changeTensor(NORM, tensor -> offsets(tensor, -2));
        refuses(NORM);
    }

    @Test
    void refusesGappedOffsets() throws IOException {
        checkpoint.changeTensor(NORM, tensor -> offsets(tensor, 2));
        refuses(NORM);
    }

    @Test
    void refusesOffsetsOutOfRange() throws IOException {
        checkpoint.changeTensor(NORM, tensor -> offsets(tensor, 1_000_000_000_000L));
        refuses(NORM);
    }

    private static ObjectNode offsets(ObjectNode tensor, long shift) {
        long begin = tensor.get("data_offsets").get(0).asLong();
        long end = tensor.get("data_offsets").get(1).asLong();
        tensor.putArray("data_offsets").add(begin + shift).add(end + shift);
        return tensor;
    }

    @Test
    void refusesASizeThatIsNotTheShapes() throws IOException {
        checkpoint.changeTensor(NORM, tensor -> shape(tensor, 47));
        refuses(NORM);
    }

    @Test
    void refusesANegativeShape() throws IOException {
        checkpoint.changeTensor(NORM, tensor -> shape(tensor, -48));
        refuses(NORM);
    }

    @Test
    void refusesAnOverflowingShape() throws IOException {
        checkpoint.changeTensor(NORM, tensor -> shape(tensor, 1L << 62, 4));
        refuses(NORM);
    }

    private static ObjectNode shape(ObjectNode tensor, long... shape) {
        var array = tensor.putArray("shape");
        for (long dimension : shape) {
            array.add(dimension);
        }
        return tensor;
    }

    @Test
    void refusesDuplicateNames() throws IOException {
        checkpoint.changeHeader(header -> header.replace("model.layers.4.", "model.layers.3."));
        refuses("model.layers.3.");
    }

    @Test
    void refusesAnUnknownDtype() throws IOException {
        checkpoint.changeTensor(NORM, tensor -> tensor.put("dtype", "F99"));
        refuses("F99");
    }

    @Test
    void showsControlCharactersOfAFileAsSpaces() throws IOException {
        checkpoint.changeTensor(NORM, tensor -> tensor.put("dtype", "F99\u001b[31m\r\n\u0007red"));
        refuses("'F99 [31m red'");
    }

    @Test
    void refusesAMissingShard() throws IOException {
        checkpoint = TinyCheckpoint.copy("llama31", directory.resolve("sharded"));
        Path shard;
        try (var files = Files.list(checkpoint.directory())) {
            shard = files.filter(file -> file.toString().endsWith(".safetensors"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
        Files.delete(shard);
        refuses("the shard '" + shard.getFileName() + "' is missing");
    }

    @Test
    void refusesAnIndexThatPointsOutside() throws IOException {
        checkpoint = TinyCheckpoint.copy("llama31", directory.resolve("sharded"));
        Path index = checkpoint.directory().resolve("model.safetensors.index.json");
        Files.writeString(index, Files.readString(index).replace("model-00001", "../model-00001"));
        refuses("expected the name of a file in the same directory");
    }

    @Test
    void refusesAConfigurationWhoseDefaultsArentThoseOfTheTensors() throws IOException {
        // What is missing has the family's default, which for Llama's width is 4096.
        checkpoint.changeConfig(config -> config.without("hidden_size"));
        refuses("tensor model.embed_tokens.weight has shape [320, 48], but config.json describes [320, 4096]");
    }

    @Test
    void refusesAnUnknownModelType() throws IOException {
        checkpoint.changeConfig(config -> config.put("model_type", "abacus"));
        refuses("config.json: model_type abacus is not supported, expected one of ");
    }

    @Test
    void refusesAConfigurationThatIsNoJson() throws IOException {
        Files.writeString(checkpoint.config(), "{\"model_type\": ");
        refuses("config.json: not valid JSON");
    }

    @Test
    void refusesMoreLayersThanTheTensorsHave() throws IOException {
        checkpoint.changeConfig(config -> config.put("num_hidden_layers", 9));
        refuses(
                "config.json: it says that there are 9 layers, but the checkpoint has no tensor of layer 8 (model.layers.8.…)");
    }

    @Test
    void refusesFewerLayersThanTheTensorsHave() throws IOException {
        checkpoint.changeConfig(config -> config.put("num_hidden_layers", 7));
        refuses("but config.json says that there are 7 layers");
    }

    @Test
    void refusesWeightsThatAreNaN() throws IOException {
        byte[] bytes = Files.readAllBytes(checkpoint.weights());
        Arrays.fill(bytes, bytes.length - 4, bytes.length, (byte) 0xff);
        Files.write(checkpoint.weights(), bytes);
        refuses("not finite");
    }

    @Test
    void refusesAnEmptyCalibration() throws IOException {
        checkpoint.calibration("\n\n");
        refusesWith(
                directory.resolve("calibration.jsonl"),
                directory.resolve("out/collapsed"),
                "calibration.jsonl: the calibration is empty: it needs at least one sequence");
    }

    @Test
    void refusesACalibrationLineThatIsNoSequence() throws IOException {
        checkpoint.calibration("{\"input_ids\": [1, 2]}\n{\"input_ids\": [1, 2.5]}\n");
        refusesWith(
                directory.resolve("calibration.jsonl"),
                directory.resolve("out/collapsed"),
                "calibration.jsonl, line 2: 2.5 is not a token id");
    }

    @Test
    void refusesATokenIdBeyondTheVocabulary() throws IOException {
        checkpoint.calibration("{\"input_ids\": [1, 320]}\n");
        refusesWith(directory.resolve("calibration.jsonl"), directory.resolve("out/collapsed"), "token id 320");
    }

    @Test
    void refusesTextWithoutATokenizer() throws IOException {
        checkpoint.calibration("A sentence.\n");
        refusesWith(
                directory.resolve("calibration.jsonl"),
                directory.resolve("out/collapsed"),
                "tokenizer.json is missing: bring token ids instead of text");
    }

    @Test
    void refusesARangeOutsideTheModel() throws IOException {
        refuses(
                "the range [1, 9] is outside the model, which has 8 layers: its high end may be at most 8",
                "--high",
                "9");
    }

    @Test
    void refusesMergesThatDoNotFitTheRange() throws IOException {
        refuses("merges of 4 layers do not fit the range [6, 8]: at most 2 layers fit", "--low", "6", "--high", "8");
    }

    @Test
    void refusesATargetInsideTheSource() throws IOException {
        refusesWith(checkpoint.calibration(), checkpoint.directory().resolve("out"), "overlaps the input");
    }

    @Test
    void refusesTheSourceAsTarget() throws IOException {
        refusesWith(checkpoint.calibration(), checkpoint.directory(), "overlaps the input", "--force");
    }

    @Test
    void refusesATargetThatExists() throws IOException {
        Path other = TinyCheckpoint.copyTo(directory.resolve("other")).directory();
        refusesWith(checkpoint.calibration(), other, "exists already and is not overwritten unless that is asked for");
        assertThat(TinyCheckpoint.hashes(other)).isEqualTo(TinyCheckpoint.hashes(checkpoint.directory()));
    }

    @Test
    void refusesToReplaceADirectoryThatHoldsNoCheckpoint() throws IOException {
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.writeString(other.resolve("letter.txt"), "Dear …");
        refusesWith(checkpoint.calibration(), other, "holds no checkpoint and is not overwritten", "--force");
        assertThat(other.resolve("letter.txt")).exists();
    }

    @Test
    void refusesToReplaceACheckpointWithSomethingElseInIt() throws IOException {
        Path other = TinyCheckpoint.copyTo(directory.resolve("other")).directory();
        Path letter = Files.writeString(other.resolve("letter.txt"), "Dear …");
        refusesWith(
                checkpoint.calibration(), other, "holds 'letter.txt', which is no file of a checkpoint's", "--force");
        assertThat(letter).exists();
    }

    @Test
    void namesForceToThoseWhoApplyAPlanOrTrainToATargetThatExists() throws IOException {
        Path other = TinyCheckpoint.copyTo(directory.resolve("other")).directory();
        Path plan = Files.writeString(
                directory.resolve("plan.json"), "{\"originalLayers\": 8, \"layers\": [0, 1, 2, 3, 4, 5, 6]}");
        Run applied = Run.laco("apply", checkpoint.directory(), other, "--plan", plan);
        Run healed = Run.laco(
                "heal",
                checkpoint.directory(),
                other,
                "--teacher",
                checkpoint.directory(),
                "--text",
                checkpoint.calibration());
        for (Run run : List.of(applied, healed)) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .isEqualTo("laco: " + other
                            + " exists already and is not overwritten unless that is asked for, by --force\n");
        }
        assertThat(TinyCheckpoint.hashes(other)).isEqualTo(TinyCheckpoint.hashes(checkpoint.directory()));
    }

    @Test
    void saysHowATargetThatExistsIsReplaced() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        refusesWith(checkpoint.calibration(), empty, "is not overwritten unless that is asked for, by --force");
        Path link = Files.createSymbolicLink(directory.resolve("link"), empty);
        refusesWith(
                checkpoint.calibration(),
                link,
                "is a link, which is not overwritten: name what it leads to, " + empty,
                "--force");
    }

    @Test
    void namesAnAdapterThatIsNotMerged() throws IOException {
        checkpoint.changeHeader(
                header -> header.replace("model.embed_tokens.weight", "model.embed_tokens.lora_A.default.weight"));
        refuses("tensor model.embed_tokens.weight is missing from the checkpoint, which has"
                + " model.embed_tokens.lora_A.default.weight: an adapter has to be merged into its model before");
    }

    @Test
    void refusesATargetBelowAFile() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        refusesWith(checkpoint.calibration(), file.resolve("out"), directory.resolve("file") + " can't be created");
    }

    @Test
    void refusesAPlanForAnotherModel() throws IOException {
        Path plan = Files.writeString(directory.resolve("plan.json"), "{\"originalLayers\": 2, \"layers\": [0, 1]}");
        Run run = Run.laco(
                "apply",
                checkpoint.directory(),
                directory.resolve("out"),
                "--plan",
                plan,
                "--calibration",
                checkpoint.calibration());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("laco: the plan is for a model of 2 layers, but this one has 8\n");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @Test
    void refusesAFileThatIsNoPlan() throws IOException {
        Path plan =
                Files.writeString(directory.resolve("plan.json"), "{\"originalLayers\": 2, \"layers\": [0, \"x\"]}");
        Run run = Run.laco("apply", checkpoint.directory(), "--no-write", "--plan", plan);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo("laco: " + plan + ": layers[1] is \"x\", expected a layer number, or an object with merge, "
                        + "with refit and tensors, or with checkpoint and layer\n");
    }

    @Test
    void showsWhereAnErrorAroseIfAsked() {
        Run run = Run.laco("inspect", directory.resolve("nothing"), "--stacktrace");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("\tat org.laco.io.HfCheckpoint.open");
    }

    @Test
    void refusesARefitToTooFewTokens() throws IOException {
        refuses(
                "layer 0's mlp.down_proj.weight can't be refit to 8 calibration tokens: the ridge has 96 inputs there and needs 4 "
                        + "tokens for each, 384 in all; give a longer text, or allow fewer tokens per input",
                "--target-layers",
                6,
                "--refit");
    }
}
