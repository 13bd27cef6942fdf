package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.Multimap;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.evaluate.LocalEvaluator;
import org.laco.io.CheckpointListener.Stage;
import org.laco.measure.Metrics;
import org.laco.stack.Calibration;

/** What goes into a result beside the weights, and what the record says of the files that were read. */
class CheckpointWriterTest {
    private static final String WEIGHTS = "model.safetensors";

    @TempDir
    Path directory;

    private Path model;
    private Path target;

    @BeforeEach
    void copyAFixture() throws IOException {
        model = Files.createDirectory(directory.resolve("model"));
        target = directory.resolve("collapsed");
        try (Stream<Path> files = Files.list(Fixture.root().resolve("llama/model"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
    }

    private static CollapseResult collapse(Checkpoint checkpoint) {
        return LayerCollapse.builder()
                .calibration(Calibration.ofTokens(new int[] {1, 2, 3, 4}))
                .build()
                .merge(checkpoint.model(), 1, 1);
    }

    private WrittenCheckpoint write(Checkpoint checkpoint) throws IOException {
        return CheckpointWriter.builder().build().write(checkpoint, collapse(checkpoint), target);
    }

    private static String sha256(Path file) throws IOException {
        return MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString();
    }

    private Path replaced(String name) throws IOException {
        byte[] other = Files.readAllBytes(model.resolve(name));
        other[other.length - 1] ^= 1;
        return Files.move(
                Files.write(model.resolve("new"), other), model.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void recordsTheFilesThatWereReadEvenIfOthersHaveTheirNamesByNow() throws IOException {
        String weights = sha256(model.resolve(WEIGHTS));
        String config = sha256(model.resolve(ConfigFile.NAME));
        try (Checkpoint checkpoint = HfCheckpoint.open(model)) {
            replaced(WEIGHTS);
            replaced(ConfigFile.NAME);
            WrittenCheckpoint written = write(checkpoint);
            assertThat(written.record().toJson().at("/inputs/" + WEIGHTS).asText())
                    .isEqualTo(weights);
            assertThat(written.record()
                            .toJson()
                            .at("/inputs/" + ConfigFile.NAME)
                            .asText())
                    .isEqualTo(config);
        }
    }

    @Test
    void tellsHowFarItIsAndSoDoesItsVerification() throws IOException {
        Multimap<Stage, Double> writing = LinkedHashMultimap.create();
        try (Checkpoint checkpoint = HfCheckpoint.open(model)) {
            CheckpointWriter.builder().listener(writing::put).build().write(checkpoint, collapse(checkpoint), target);
        }
        Multimap<Stage, Double> verifying = LinkedHashMultimap.create();
        CheckpointVerifier.of(target).withListener(verifying::put).against(model);

        assertThat(writing.keySet()).containsExactly(Stage.WRITING, Stage.MEASURING);
        assertThat(verifying.keySet()).containsExactly(Stage.HASHING, Stage.REPLAYING, Stage.MEASURING);
        Stream.concat(writing.asMap().values().stream(), verifying.asMap().values().stream())
                .forEach(shares -> assertThat(List.copyOf(shares))
                        .hasSizeGreaterThan(2)
                        .isSorted()
                        .startsWith(0.0)
                        .endsWith(1.0));
    }

    @Test
    void recordsTheSimilarityBesideWhatTheSearchComparedBy() throws IOException {
        try (Checkpoint checkpoint = HfCheckpoint.open(model)) {
            CollapseResult result = LayerCollapse.builder()
                    .targetLayers(checkpoint.model().layerCount() - 1)
                    .objective(Metrics.divergence())
                    .calibration(Calibration.ofTokens(new int[] {1, 2, 3, 4}))
                    .build()
                    .apply(checkpoint.model());
            JsonNode record = CheckpointWriter.builder()
                    .build()
                    .write(checkpoint, result, target)
                    .record()
                    .toJson();

            assertThat(record.at("/objective/metric").asText()).isEqualTo("kl");
            assertThat(record.at("/objective/value").asDouble())
                    .isEqualTo(result.objective().value())
                    .isCloseTo(record.at("/measures/kl.mean").asDouble(), within(1e-9))
                    .isNegative();
            assertThat(record.get("similarity").asDouble())
                    .isEqualTo(result.similarity())
                    .isEqualTo(result.objective().similarity().orElseThrow());
            assertThat(record.get("steps")).isNotEmpty().allSatisfy(step -> {
                assertThat(step.get("metric").asText()).isEqualTo("kl");
                assertThat(step.get("value").asDouble()).isNegative();
                assertThat(step.get("similarity").asDouble()).isBetween(0.5, 1.0);
            });
            assertThat(record.get("steps"))
                    .filteredOn(step -> step.get("accepted").asBoolean())
                    .last()
                    .satisfies(step -> assertThat(step.get("similarity").asDouble())
                            .isCloseTo(result.similarity(), within(LocalEvaluator.NOISE)));
        }
    }

    @Test
    void refusesWeightsThatWereWrittenToWhileTheyWereOpen() throws IOException {
        try (Checkpoint checkpoint = HfCheckpoint.open(model)) {
            Path weights = model.resolve(WEIGHTS);
            Files.setLastModifiedTime(weights, FileTime.fromMillis(1_000_000));
            assertThatThrownBy(() -> write(checkpoint))
                    .isInstanceOf(IOException.class)
                    .hasMessage(weights
                            + ": the file was written to after it was opened, so that what was read can't be told");
        }
        assertThat(target).doesNotExist();
    }

    @Test
    void leavesNothingWhenItsThreadIsInterrupted() throws IOException {
        try (Checkpoint checkpoint = HfCheckpoint.open(model)) {
            CollapseResult result = collapse(checkpoint);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> CheckpointWriter.builder().build().write(checkpoint, result, target))
                    .isInstanceOf(CancellationException.class)
                    .hasMessage("interrupted");
        }
        assertThat(Thread.interrupted()).as("the interrupt was taken").isFalse();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(model);
        }
    }

    @Test
    void copiesWhatALinkWithinTheCheckpointLeadsTo() throws IOException {
        Files.writeString(model.resolve("LICENSE.txt"), "free");
        Files.createSymbolicLink(model.resolve("LICENSE"), Path.of("LICENSE.txt"));
        try (Checkpoint checkpoint = HfCheckpoint.open(model)) {
            write(checkpoint);
        }
        assertThat(target.resolve("LICENSE")).hasContent("free").isRegularFile();
        assertThat(Files.isSymbolicLink(target.resolve("LICENSE"))).isFalse();
    }

    @Test
    void copiesWhatLinksInTheCacheLeadTo() throws IOException {
        Path root = Files.createDirectories(directory.resolve("models--acme--tiny"));
        Path blobs = Files.createDirectory(root.resolve("blobs"));
        Path snapshot = Files.createDirectories(root.resolve("snapshots")).resolve("abc");
        Files.move(model, snapshot);
        Files.writeString(blobs.resolve("1234"), "free");
        Files.createSymbolicLink(snapshot.resolve("LICENSE"), Path.of("../../blobs/1234"));
        try (Checkpoint checkpoint = HfCheckpoint.open(snapshot)) {
            write(checkpoint);
        }
        assertThat(target.resolve("LICENSE")).hasContent("free");
    }

    @Test
    void refusesALinkThatLeavesTheCheckpointBeforeAnythingIsSearched() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "nobody's business");
        Path link = Files.createSymbolicLink(model.resolve("LICENSE"), secret);
        try (Checkpoint checkpoint = HfCheckpoint.open(model)) {
            assertThatThrownBy(() -> CheckpointWriter.builder().build().check(checkpoint, target))
                    .isInstanceOf(IOException.class)
                    .hasMessage(link + " is a link out of the checkpoint, to " + secret.toRealPath()
                            + ", and is not copied into a result: put a copy in its place, or remove it");
        }
        assertThat(target).doesNotExist();
    }

    @Test
    void opensAResultToNobodyToWhomTheOriginalIsClosed() throws IOException {
        Files.setPosixFilePermissions(model.resolve(WEIGHTS), PosixFilePermissions.fromString("rw-------"));
        try (Checkpoint checkpoint = HfCheckpoint.open(model)) {
            write(checkpoint);
        }
        for (String name : new String[] {WEIGHTS, CollapseRecord.FILE_NAME}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve(name))))
                    .as(name)
                    .isEqualTo("rw-------");
        }
        assertThat(Files.getPosixFilePermissions(target.resolve(ConfigFile.NAME)))
                .isEqualTo(Files.getPosixFilePermissions(Files.writeString(directory.resolve("by mask"), "")));
        assertThat(Files.getPosixFilePermissions(target)).isEqualTo(Files.getPosixFilePermissions(model));
    }
}
