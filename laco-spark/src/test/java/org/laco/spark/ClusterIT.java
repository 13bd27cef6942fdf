package org.laco.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Splitter;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.fit.Fit;
import org.laco.io.CalibrationFile;
import org.laco.io.CheckpointWriter;
import org.laco.io.Cluster;
import org.laco.io.HfCheckpoint;
import org.laco.io.SearchJournal;
import org.laco.search.CollapseListener;
import org.laco.search.Searches;
import org.laco.stack.Calibration;

/** A master and two workers as processes on this machine. */
class ClusterIT {
    private static final Path EXAMPLES =
            Path.of("..", "laco-examples", "model").toAbsolutePath().normalize();
    private static final String SCRIPT =
            Path.of("src", "test", "scripts", "cluster.sh").toString();

    @TempDir
    Path directory;

    private HfCheckpoint checkpoint;
    private String address;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        checkpoint = HfCheckpoint.open(EXAMPLES.resolve("model"));
        address = script("start", cluster(), "2").strip();
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        script("stop", cluster());
        checkpoint.close();
    }

    private String cluster() {
        return directory.resolve("cluster").toString();
    }

    private String script(String... arguments) throws IOException, InterruptedException {
        Path out = Files.createTempFile(directory, "script", ".txt");
        Process process = new ProcessBuilder(Stream.concat(Stream.of("sh", SCRIPT), Stream.of(arguments))
                        .toList())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(out)).isZero();
        return Files.readString(out);
    }

    private Cluster connect() throws IOException {
        List<String> jars = Splitter.on(File.pathSeparatorChar)
                .splitToStream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")))
                .filter(entry -> entry.endsWith(".jar") && !entry.contains("spark-core"))
                .filter(entry -> entry.matches(".*(laco|nd4j|bytedeco|djl|jna).*"))
                .toList();
        return new SparkClusterProvider()
                .connect(
                        address,
                        Map.of(
                                "spark.jars",
                                String.join(",", jars),
                                "spark.executor.memory",
                                "512m",
                                "spark.driver.host",
                                "127.0.0.1",
                                "spark.ui.enabled",
                                "false"));
    }

    private LayerCollapse.Builder search() throws IOException {
        Path lines = directory.resolve("lines.txt");
        Files.write(lines, Files.readAllLines(EXAMPLES.resolve("held-out.txt")).subList(0, 60));
        Calibration fitted = CalibrationFile.read(lines, checkpoint);
        return LayerCollapse.builder()
                .search(Searches.named("runs"))
                .targetLayers(8)
                .calibration(CalibrationFile.read(EXAMPLES.resolve("calibration.txt"), checkpoint))
                .fit(Fit.ridge().calibration(fitted).tokensPerInput(1));
    }

    /** Writes a result and returns the hashes of the weights and the record. */
    private List<String> written(CollapseResult result, String name) throws IOException {
        Path target = directory.resolve(name);
        CheckpointWriter.builder().build().write(checkpoint, result, target);
        return Stream.of("model.safetensors", "laco.json")
                .map(file -> hash(target.resolve(file)))
                .toList();
    }

    private static String hash(Path file) {
        try {
            return MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Does something at a layer that is run for candidates. */
    private static CollapseListener at(int layerRun, Runnable action) {
        return new CollapseListener() {
            private int left = layerRun;

            @Override
            public void layerRun(int layer, int candidates) {
                if (candidates > 0 && left-- == 0) {
                    action.run();
                }
            }
        };
    }

    @Test
    void writesTheBytesOfOneMachine() throws IOException {
        List<String> alone = written(search().build().apply(checkpoint.model()), "alone");
        try (Cluster cluster = connect()) {
            CollapseResult result =
                    search().evaluator(cluster.evaluator(checkpoint)).build().apply(checkpoint.model());

            assertThat(written(result, "two-workers")).isEqualTo(alone);
        }
    }

    @Test
    void writesTheSameBytesWhereAWorkerIsKilled() throws IOException {
        List<String> alone = written(search().build().apply(checkpoint.model()), "alone");
        try (Cluster cluster = connect()) {
            CollapseResult result = search().listener(at(30, this::killTheSecond))
                    .evaluator(cluster.evaluator(checkpoint))
                    .build()
                    .apply(checkpoint.model());

            assertThat(written(result, "killed")).isEqualTo(alone);
        }
    }

    private void killTheSecond() {
        try {
            script("kill", cluster(), "2");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void goesOnWithAnotherNumberOfWorkers() throws IOException {
        List<String> alone = written(search().build().apply(checkpoint.model()), "alone");
        Path target = directory.resolve("resumed");
        try (Cluster cluster = connect();
                SearchJournal journal = SearchJournal.create(checkpoint, target)) {
            LayerCollapse cut = search().journal(journal)
                    .listener(at(40, () -> {
                        throw new IllegalStateException("cut off");
                    }))
                    .evaluator(cluster.evaluator(checkpoint))
                    .build();
            assertThatThrownBy(() -> cut.apply(checkpoint.model())).hasMessage("cut off");
        }
        killTheSecond();
        try (Cluster cluster = connect();
                SearchJournal journal = SearchJournal.resume(checkpoint, target)) {
            assertThat(journal.known()).isPositive();
            CollapseResult result = search().journal(journal)
                    .evaluator(cluster.evaluator(checkpoint))
                    .build()
                    .apply(checkpoint.model());

            assertThat(written(result, "resumed")).isEqualTo(alone);
            journal.remove();
        }
    }
}
