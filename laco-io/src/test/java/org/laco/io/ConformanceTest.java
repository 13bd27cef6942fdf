package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.hash.HashingOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.laco.Calibration;
import org.laco.CollapseResult;
import org.laco.CollapseStep;
import org.laco.LayerCollapse;
import org.laco.SequenceLayout;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Holds every model family against numbers that transformers computed: forward pass, search decisions, merged bytes, written
 * checkpoints.
 *
 * <p>The system property {@code laco.fixtures} names another directory of the same format.
 */
class ConformanceTest {
    /** What the fixtures ask of an implementation, relative to the largest value. */
    private static final double RELATIVE = 2e-5;

    private static final double SIMILARITY = 1e-5;

    @TempDir
    Path temporary;

    @TestFactory
    Stream<DynamicNode> agreesWithTransformers() throws IOException {
        return Fixture.all().stream()
                .filter(directory -> directory.getFileName().toString().startsWith("llama")
                        && !directory.getFileName().toString().contains("yarn"))
                .map(this::family);
    }

    private DynamicNode family(Path directory) {
        List<DynamicNode> checks = new ArrayList<>();
        checks.add(dynamicTest("hidden states and logits", () -> checkForward(directory)));
        checks.add(dynamicTest("each sequence alone", () -> checkAlone(directory)));
        try (Fixture fixture = Fixture.open(directory)) {
            for (JsonNode expected : fixture.collapse().get("cases")) {
                String name = String.format(
                        "%s C=%s I=%s", expected.get("rule").asText(), expected.get("C"), expected.get("I"));
                checks.add(dynamicTest("search " + name, () -> checkSearch(directory, expected)));
                checks.add(dynamicTest("writing " + name, () -> checkWriting(directory, expected)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return DynamicContainer.dynamicContainer(directory.getFileName().toString(), checks);
    }

    private static void checkForward(Path directory) throws IOException {
        try (Fixture fixture = Fixture.open(directory);
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            compare(fixture, checkpoint.model(), fixture.sequences(), 0);
        }
    }

    private static void checkAlone(Path directory) throws IOException {
        try (Fixture fixture = Fixture.open(directory);
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            Calibration all = fixture.sequences();
            for (int i = 0; i < all.layout().count(); i++) {
                compare(fixture, checkpoint.model(), Calibration.ofTokens(all.tokens(i)), i);
            }
        }
    }

    /** Compares every layer of a batch whose first sequence is the fixture's sequence of a number. */
    private static void compare(Fixture fixture, CausalModel model, Calibration batch, int first) throws IOException {
        double hiddenTolerance = RELATIVE * fixture.meta().get("max_abs_hidden").asDouble();
        double logitTolerance = RELATIVE * fixture.meta().get("max_abs_logit").asDouble();
        int layers = model.layerCount();
        for (int layer = 0; layer < layers; layer++) {
            try (INDArray hidden = model.hidden(batch, layer)) {
                for (int i = 0; i < batch.layout().count(); i++) {
                    assertClose(
                            rows(hidden, batch.layout(), i),
                            fixture.hidden(first + i, layer),
                            hiddenTolerance,
                            "hidden state of sequence " + (first + i) + " entering layer " + layer);
                }
            }
        }
        try (INDArray last = model.hidden(batch, layers);
                INDArray output = model.finish(last);
                INDArray logits = model.logits(output)) {
            for (int i = 0; i < batch.layout().count(); i++) {
                assertClose(
                        rows(output, batch.layout(), i),
                        fixture.hidden(first + i, layers),
                        hiddenTolerance,
                        "final hidden state of sequence " + (first + i));
                assertClose(
                        rows(logits, batch.layout(), i),
                        fixture.logits(first + i),
                        logitTolerance,
                        "logits of sequence " + (first + i));
            }
        }
    }

    private static void checkSearch(Path directory, JsonNode expected) throws IOException {
        try (Fixture fixture = Fixture.open(directory);
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            CollapseResult result = search(checkpoint, fixture, expected);
            List<JsonNode> trace = StreamSupport.stream(expected.get("trace").spliterator(), false)
                    .filter(step -> step.get("m").asInt() > 0)
                    .toList();
            assertThat(result.steps()).hasSameSizeAs(trace);
            for (int i = 0; i < trace.size(); i++) {
                assertStep(result.steps().get(i), trace.get(i));
            }
            assertThat(new Json().toNode(result.plan().sources())).isEqualTo(normalise(expected.get("layer_sources")));
            CausalModel collapsed = (CausalModel) result.model();
            assertThat(sha256OfAll(collapsed.tensors()))
                    .as("sha256 of the whole collapsed checkpoint")
                    .isEqualTo(expected.get("checkpoint_sha256").asText());
            expected.get("weight_sha256").fields().forEachRemaining(weight -> assertThat(
                            sha256(collapsed.tensors().tensor(weight.getKey())))
                    .as(weight.getKey())
                    .isEqualTo(weight.getValue().asText()));
        }
    }

    private static JsonNode normalise(JsonNode node) throws IOException {
        return new Json().readLine(node.toString());
    }

    private static void assertStep(CollapseStep step, JsonNode expected) {
        assertThat(step.layer()).isEqualTo(expected.get("layer").asInt());
        assertThat(step.merged()).isEqualTo(expected.get("m").asInt());
        assertThat(step.accepted())
                .as("%s", step)
                .isEqualTo(expected.get("accepted").asBoolean());
        if (expected.get("similarity").isNull()) {
            assertThat(step.skipped()).isPresent();
            return;
        }
        assertThat(step.similarity().getAsDouble())
                .isCloseTo(expected.get("similarity").asDouble(), within(SIMILARITY));
        for (int i = 0; i < expected.get("per_sequence").size(); i++) {
            assertThat(step.perSequence().get(i))
                    .isCloseTo(expected.get("per_sequence").get(i).asDouble(), within(SIMILARITY));
        }
    }

    private void checkWriting(Path directory, JsonNode expected) throws IOException {
        Path target = Files.createTempDirectory(temporary, "collapsed").resolve("model");
        try (Fixture fixture = Fixture.open(directory);
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            CollapseResult result = search(checkpoint, fixture, expected);
            CheckpointWriter.builder().maxShardBytes(200_000).build().write(checkpoint, result, target);
            try (HfCheckpoint written = HfCheckpoint.open(target)) {
                assertThat(sha256OfAll(written.weights()))
                        .as("sha256 of the whole written checkpoint")
                        .isEqualTo(expected.get("checkpoint_sha256").asText());
                expected.get("config_after").fields().forEachRemaining(entry -> assertThat(
                                written.config().values().get(entry.getKey()))
                        .as("config.json: %s", entry.getKey())
                        .isEqualTo(new Json().convert(entry.getValue(), Object.class)));
                if (expected.equals(fixture.collapse().get("cases").get(0))) {
                    compareAfter(fixture, written.model());
                }
            }
        }
    }

    private static void compareAfter(Fixture fixture, CausalModel model) throws IOException {
        Calibration batch = fixture.sequences();
        double tolerance = RELATIVE * fixture.meta().get("max_abs_logit").asDouble();
        try (var after = fixture.expectedAfter();
                INDArray last = model.hidden(batch, model.layerCount());
                INDArray output = model.finish(last);
                INDArray logits = model.logits(output)) {
            for (int i = 0; i < batch.layout().count(); i++) {
                assertClose(
                        rows(logits, batch.layout(), i),
                        after.tensor("logits." + i).load(),
                        tolerance,
                        "logits of sequence " + i + " after the collapse");
            }
        }
    }

    private static CollapseResult search(HfCheckpoint checkpoint, Fixture fixture, JsonNode expected) {
        return LayerCollapse.builder()
                .range(expected.get("L").asInt(), expected.get("H").asInt())
                .layersPerMerge(expected.get("C").asInt())
                .interval(expected.get("I").asInt())
                .threshold(expected.get("T").asDouble())
                .rule(rule(expected.get("rule").asText()))
                .calibration(fixture.sequences())
                .build()
                .apply(checkpoint.model());
    }

    private static MergeRule rule(String name) {
        return name.equals("paper") ? MergeRules.rdsc() : MergeRules.named(name);
    }

    private static INDArray rows(INDArray matrix, SequenceLayout layout, int sequence) {
        int start = layout.start(sequence);
        return matrix.get(NDArrayIndex.interval(start, start + layout.length(sequence)), NDArrayIndex.all());
    }

    private static void assertClose(INDArray actual, INDArray expected, double tolerance, String what) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        try (expected;
                INDArray difference = actual.sub(expected)) {
            assertThat(difference.amaxNumber().doubleValue()).as(what).isLessThanOrEqualTo(tolerance);
        }
    }

    private static String sha256OfAll(TensorSource tensors) {
        Hasher hasher = Hashing.sha256().newHasher();
        tensors.names().stream()
                .sorted()
                .forEach(name ->
                        hasher.putString(name + "\n" + sha256(tensors.tensor(name)) + "\n", StandardCharsets.UTF_8));
        return hasher.hash().toString();
    }

    private static String sha256(StoredTensor tensor) {
        try (OutputStream sink = OutputStream.nullOutputStream();
                HashingOutputStream hashing = new HashingOutputStream(Hashing.sha256(), sink)) {
            tensor.writeTo(Channels.newChannel(hashing));
            return hashing.hash().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
