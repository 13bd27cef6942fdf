package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.Iterables;
import com.google.common.hash.HashCode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.examples.EmbeddedModel;
import org.laco.io.HfCheckpoint;

/** Whenever a process is killed that writes a checkpoint, there is no target or a complete one, and the input is as it was. */
class KilledWriterTest {
    /** What is there when the process is killed: a file, by its name's start, of what is being written, or the target itself. */
    private enum Moment {
        BEGINNING(""),
        FIRST_SHARD("model-00001-of"),
        TENTH_SHARD("model-00010-of"),
        INDEX("model.safetensors.index.json"),
        CONFIGURATION("config.json"),
        RECORD("laco.json"),
        TARGET(null);

        private final String file;

        Moment(String file) {
            this.file = file;
        }

        boolean hasCome(Path parent) throws IOException {
            if (file == null) {
                return Files.exists(parent.resolve("out"));
            }
            try (DirectoryStream<Path> written = Files.newDirectoryStream(parent, ".out.laco-*")) {
                for (Path path : written) {
                    if (Files.isDirectory(path) && holdsFile(path)) {
                        return true;
                    }
                }
                return false;
            } catch (NotDirectoryException | NoSuchFileException e) {
                // It has just been renamed.
                return false;
            }
        }

        private boolean holdsFile(Path path) throws IOException {
            try (Stream<Path> files = Files.list(path)) {
                return file.isEmpty()
                        || files.anyMatch(name -> name.getFileName().toString().startsWith(file));
            }
        }
    }

    @TempDir
    Path directory;

    private EmbeddedModel embedded;
    private Path parent;
    private Path plan;
    private Path calibration;
    private TreeMap<String, HashCode> before;

    @BeforeEach
    void prepare() throws IOException {
        embedded = EmbeddedModel.extractTo(directory);
        parent = Files.createDirectory(directory.resolve("parent"));
        calibration = Files.writeString(directory.resolve("ids.jsonl"), "{\"input_ids\": [0, 429, 311]}");
        plan = Files.writeString(
                directory.resolve("plan.json"),
                "{\"originalLayers\": 12, \"layers\": [0, 1, 2, 3, 4, 5, 6, 7, {\"merge\": [8, 9, 10, 11], "
                        + "\"rule\": \"mean\"}]}");
        before = TinyCheckpoint.hashes(embedded.model());
    }

    private Object[] apply(Object... more) {
        return Stream.concat(
                        Stream.of(
                                "apply",
                                embedded.model(),
                                parent.resolve("out"),
                                "--plan",
                                plan,
                                "--calibration",
                                calibration,
                                "--max-shard-size",
                                "200kB",
                                "--quiet"),
                        Stream.of(more))
                .toArray();
    }

    private void kill(Moment moment, Object... more) throws IOException, InterruptedException {
        ChildJvm.kill(() -> moment.hasCome(parent), directory, apply(more));
        assertThat(TinyCheckpoint.hashes(embedded.model())).isEqualTo(before);
    }

    @Test
    void leavesNoTargetOrACompleteOne() throws IOException, InterruptedException {
        int withoutTarget = 0;
        for (Moment moment : Moment.values()) {
            kill(moment);
            if (Files.exists(parent.resolve("out"))) {
                assertComplete(9);
                Run again = Run.laco(apply("--force"));
                assertThat(again.exitCode()).as(again.err()).isZero();
            } else {
                withoutTarget++;
            }
            try (Stream<Path> left = Files.list(parent)) {
                assertThat(left).allMatch(path -> path.getFileName().toString().matches("out|\\.out\\.laco-.*"));
            }
        }
        // Most were killed in the middle of their work, or this test would show nothing.
        assertThat(withoutTarget).isGreaterThan(3);
        Run last = Run.laco(apply("--force"));
        assertThat(last.exitCode()).as(last.err()).isZero();
        assertComplete(9);
        assertThat(parent).isDirectoryContaining(path -> path.endsWith("out"));
        try (Stream<Path> left = Files.list(parent)) {
            assertThat(left).containsExactly(parent.resolve("out"));
        }
    }

    @Test
    void keepsTheOldCheckpointWhileItIsReplaced() throws IOException, InterruptedException {
        assertThat(Run.laco(apply()).exitCode()).isZero();
        Files.writeString(plan, "{\"originalLayers\": 12, \"layers\": [0, 1, 2]}");
        for (Moment moment : new Moment[] {Moment.TENTH_SHARD, Moment.RECORD}) {
            kill(moment, "--force");
            if (Files.notExists(parent.resolve("out"))) {
                // Between the two renames that it takes where the file system can't exchange names.
                assertMovedAside();
            }
            int layers = Run.laco("inspect", parent.resolve("out"), "--json")
                    .json()
                    .get("layers")
                    .asInt();
            assertThat(layers).isIn(9, 3);
            assertComplete(layers);
        }
    }

    /** The old checkpoint is whole beside its place; a reader says so, and the next writer, though refused, puts it back. */
    private void assertMovedAside() throws IOException {
        Path old = movedAside();
        assertComplete(old, 9);
        Run reader = Run.laco("inspect", parent.resolve("out"));
        assertThat(reader.exitCode()).isEqualTo(1);
        assertThat(reader.err())
                .startsWith("laco: " + parent.resolve("out") + " is not there: ")
                .contains("'" + old.getFileName() + "'")
                .hasLineCount(1);
        Run writer = Run.laco(apply());
        assertThat(writer.exitCode()).isEqualTo(1);
        assertThat(writer.err()).contains("exists already");
        assertComplete(9);
        assertThat(old).doesNotExist();
    }

    private Path movedAside() throws IOException {
        try (DirectoryStream<Path> aside = Files.newDirectoryStream(parent, ".out.laco-*.old")) {
            return Iterables.getOnlyElement(aside);
        }
    }

    @Test
    void givesBackTheOldCheckpointThatAKillLeftBesideItsPlace() throws IOException {
        assertThat(Run.laco(apply()).exitCode()).isZero();
        Files.writeString(parent.resolve(".out.laco-1a2b.lock"), "");
        Files.move(parent.resolve("out"), parent.resolve(".out.laco-1a2b.old"));
        assertMovedAside();
    }

    private void assertComplete(int layers) throws IOException {
        assertComplete(parent.resolve("out"), layers);
    }

    private static void assertComplete(Path out, int layers) throws IOException {
        JsonNode outputs =
                new ObjectMapper().readTree(out.resolve("laco.json").toFile()).get("outputs");
        Map<String, HashCode> hashes = TinyCheckpoint.hashes(out);
        hashes.remove("laco.json");
        assertThat(outputs).hasSize(hashes.size());
        hashes.forEach(
                (file, hash) -> assertThat(outputs.get(file).asText()).as(file).isEqualTo(hash.toString()));
        try (HfCheckpoint checkpoint = HfCheckpoint.open(out)) {
            assertThat(checkpoint.model().layerCount()).isEqualTo(layers);
        }
    }
}
