package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import com.google.common.hash.HashingOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.evaluate.LocalEvaluator;
import org.laco.evaluate.MemoryNeed;
import org.laco.io.CalibrationFile;
import org.laco.io.CheckpointWriter;
import org.laco.io.CollapseRecord;
import org.laco.io.HfCheckpoint;
import org.laco.kernel.Kernels;
import org.laco.kernel.Nd4jKernels;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/** What changes time and memory, and which arithmetic computes, changes no decision and no byte that is written. */
class SameResultTest {
    private static final long LARGE = 1L << 36;
    private static final long SHARD = 300_000;

    @TempDir
    private Path directory;

    private int written;

    /** What a way of running a search is told to do differently. */
    private interface Way {
        LayerCollapse.Builder apply(LayerCollapse.Builder settings);
    }

    private static List<SearchCase> cases() {
        return SearchCase.all();
    }

    private static List<SearchCase> casesInOtherProcesses() {
        return List.of(cases().get(0), cases().get(3));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isTheSameHoweverManyCandidatesAreMeasuredAtOnce(SearchCase search) throws IOException {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(search.model(directory))) {
            ObjectNode alone = write(search, checkpoint, settings -> settings.batchSize(1));

            for (int candidates : new int[] {3, 100}) {
                assertSame(write(search, checkpoint, settings -> settings.batchSize(candidates)), alone);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isTheSameWithTheLeastMemoryAndWithPlenty(SearchCase search) throws IOException {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(search.model(directory))) {
            long least = MemoryNeed.of(
                            checkpoint.model(), sequences(search, checkpoint), MergeRules.named(search.rule()))
                    .least();
            ObjectNode unbounded = write(search, checkpoint, settings -> settings);

            for (long bound : new long[] {least, LARGE}) {
                assertSame(write(search, checkpoint, settings -> settings.memory(bound)), unbounded);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isTheSameByEveryArithmetic(SearchCase search) throws IOException {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(search.model(directory))) {
            LayerCollapse collapse =
                    search.builder(sequences(search, checkpoint)).build();
            CollapseResult found = collapse.apply(checkpoint.model());

            for (Kernels arithmetic : List.of(Kernels.ofNd4j(), new Nd4jKernels())) {
                CollapseResult other = collapse.apply(checkpoint.model().with(arithmetic));
                assertSame(
                        CollapseRecord.of(other).toJson(),
                        CollapseRecord.of(found).toJson());
                assertThat(hashes((CausalModel) other.model())).isEqualTo(hashes((CausalModel) found.model()));
            }
        }
    }

    @Test
    void hasThreeArithmeticsToCompareInHostMemory() {
        if (Nd4j.getExecutioner().type() == OpExecutioner.ExecutionerType.NATIVE_CPU) {
            assertThat(Stream.of(Kernels.ofBackend(), Kernels.ofNd4j(), new Nd4jKernels())
                            .map(Kernels::name))
                    .doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @MethodSource("casesInOtherProcesses")
    void isTheSameInOneThreadAndInSeveral(SearchCase search) throws IOException, InterruptedException {
        ObjectNode one = collapse(search, "-XX:ActiveProcessorCount=1");

        assertSame(collapse(search, "-XX:ActiveProcessorCount=3"), one);
    }

    @ParameterizedTest
    @MethodSource("casesInOtherProcesses")
    void writesTheSameByNd4jsBlas(SearchCase search) throws IOException, InterruptedException {
        ObjectNode blas = collapse(search, "-D" + Kernels.PROPERTY + "=nd4j");
        try (HfCheckpoint checkpoint = HfCheckpoint.open(search.model(directory))) {
            assertSame(blas, write(search, checkpoint, settings -> settings));
        }
    }

    private Calibration sequences(SearchCase search, HfCheckpoint checkpoint) throws IOException {
        return CalibrationFile.read(search.calibration(directory), checkpoint);
    }

    private ObjectNode write(SearchCase search, HfCheckpoint checkpoint, Way way) throws IOException {
        CollapseResult result =
                way.apply(search.builder(sequences(search, checkpoint))).build().apply(checkpoint.model());
        return CheckpointWriter.builder()
                .maxShardBytes(SHARD)
                .build()
                .write(checkpoint, result, target())
                .record()
                .toJson();
    }

    private Path target() {
        return directory.resolve("out-" + written++);
    }

    /** Runs the command line in another process and returns the record that it wrote. */
    private ObjectNode collapse(SearchCase search, String flag) throws IOException, InterruptedException {
        Path target = target();
        List<Object> arguments = new ArrayList<>(List.of("collapse", search.model(directory), target, "--quiet"));
        arguments.addAll(List.of("--calibration", search.calibration(directory), "--max-shard-size", SHARD + "B"));
        arguments.addAll(search.arguments());
        List<String> command = ChildJvm.command(ChildJvm.classPath(), arguments.toArray());
        command.add(1, flag);
        Path err = directory.resolve("stderr");
        Process process = ChildJvm.start(command, directory.resolve("stdout"), err);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        return (ObjectNode) new ObjectMapper()
                .readTree(target.resolve(CollapseRecord.FILE_NAME).toFile());
    }

    private static void assertSame(ObjectNode actual, ObjectNode expected) {
        assertThat(actual.get("plan")).isEqualTo(expected.get("plan"));
        assertThat(actual.get("outputs")).isEqualTo(expected.get("outputs"));
        JsonNode steps = expected.get("steps");
        assertThat(actual.get("steps")).hasSameSizeAs(steps);
        for (int i = 0; i < steps.size(); i++) {
            assertSameStep(actual.get("steps").get(i), steps.get(i));
        }
        assertClose(actual.get("similarity"), expected.get("similarity"), LocalEvaluator.NOISE);
        for (String decision : List.of("true", "false")) {
            assertThat(steps.findValuesAsText("accepted").stream().filter(decision::equals))
                    .as("decisions of %s", decision)
                    .hasSizeGreaterThanOrEqualTo(2);
        }
    }

    private static void assertSameStep(JsonNode actual, JsonNode expected) {
        for (String key : List.of("layer", "merged", "metric", "precision", "accepted", "skipped")) {
            assertThat(actual.get(key)).as("%s of %s", key, expected).isEqualTo(expected.get(key));
        }
        if (expected.has("skipped")) {
            return;
        }
        assertThat(expected.get("precision").asText()).isEqualTo("float32");
        assertClose(actual.get("similarity"), expected.get("similarity"), LocalEvaluator.NOISE);
        for (int i = 0; i < expected.get("perSequence").size(); i++) {
            assertClose(
                    actual.get("perSequence").get(i),
                    expected.get("perSequence").get(i),
                    LocalEvaluator.NOISE);
        }
    }

    private static void assertClose(JsonNode actual, JsonNode expected, double tolerance) {
        assertThat(actual.asDouble()).isCloseTo(expected.asDouble(), within(tolerance));
    }

    private static Map<String, String> hashes(CausalModel model) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        for (String name : model.tensors().names()) {
            try (HashingOutputStream hashing =
                    new HashingOutputStream(Hashing.sha256(), OutputStream.nullOutputStream())) {
                model.tensors().tensor(name).writeTo(Channels.newChannel(hashing));
                hashes.put(name, hashing.hash().toString());
            }
        }
        return hashes;
    }
}
