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
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.array.FileTensors;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.model.config.ModelConfig;
import org.laco.search.CollapseStep;
import org.laco.stack.Calibration;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What is checked of one search case: its decisions, the merged weights, and the checkpoint that is written and opened again. */
final class SearchChecks {
    private static final double SIMILARITY = 1e-5;

    /** What is decoded is written as bfloat16 without this key. */
    private static final String COMPRESSION = "quantization_config";

    private final Path directory;
    private final Path temporary;
    private final JsonNode expected;
    private Path written;

    SearchChecks(Path directory, Path temporary, JsonNode expected) {
        this.directory = directory;
        this.temporary = temporary;
        this.expected = expected;
    }

    DynamicNode all() {
        String name =
                String.format("%s C=%s I=%s", expected.get("rule").asText(), expected.get("C"), expected.get("I"));
        return DynamicContainer.dynamicContainer(
                name,
                List.of(
                        dynamicTest("decisions, similarities and merged bytes", this::checkSearch),
                        dynamicTest("written checkpoint", this::checkWritten)));
    }

    private void checkSearch() throws IOException {
        try (Fixture fixture = Fixture.open(directory);
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            CollapseResult result = search(checkpoint, fixture);
            // Written first, so that the other check doesn't depend on what this one finds.
            Path target = Files.createTempDirectory(temporary, "collapsed").resolve("model");
            CheckpointWriter.builder().maxShardBytes(200_000).build().write(checkpoint, result, target);
            written = target;
            checkSteps(result);
            assertThat(new Json().toNode(result.plan().sources()))
                    .isEqualTo(new Json().readLine(expected.get("layer_sources").toString()));
            for (int i = 0; i < expected.get("final_similarity").size(); i++) {
                assertThat(result.evaluation().similarity().perSequence().get(i))
                        .as("final similarity of sequence %s", i)
                        .isCloseTo(expected.get("final_similarity").get(i).asDouble(), within(SIMILARITY));
            }
            checkBytes((CausalModel) result.model());
        }
    }

    private void checkSteps(CollapseResult result) {
        List<JsonNode> trace = StreamSupport.stream(expected.get("trace").spliterator(), false)
                .filter(step -> step.get("m").asInt() > 0)
                .toList();
        assertThat(result.steps()).hasSameSizeAs(trace);
        for (int i = 0; i < trace.size(); i++) {
            assertStep(result.steps().get(i), trace.get(i));
        }
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
        assertThat(step.score().orElseThrow().value())
                .isCloseTo(expected.get("similarity").asDouble(), within(SIMILARITY));
        for (int i = 0; i < expected.get("per_sequence").size(); i++) {
            assertThat(step.score().orElseThrow().perSequence().get(i))
                    .isCloseTo(expected.get("per_sequence").get(i).asDouble(), within(SIMILARITY));
        }
    }

    private void checkBytes(CausalModel collapsed) {
        expected.get("weight_sha256").fields().forEachRemaining(weight -> assertThat(
                        sha256(collapsed.tensors().tensor(weight.getKey())))
                .as(weight.getKey())
                .isEqualTo(weight.getValue().asText()));
        assertThat(sha256OfAll(collapsed.tensors()))
                .as("sha256 of the whole collapsed checkpoint")
                .isEqualTo(expected.get("checkpoint_sha256").asText());
    }

    private void checkWritten() throws IOException {
        assertThat(written).as("the directory written before").isNotNull();
        try (Fixture fixture = Fixture.open(directory);
                HfCheckpoint original = HfCheckpoint.open(fixture.model());
                HfCheckpoint reopened = HfCheckpoint.open(written)) {
            assertThat(sha256OfAll(reopened.weights()))
                    .as("sha256 of the whole written checkpoint")
                    .isEqualTo(expected.get("checkpoint_sha256").asText());
            checkConfig(fixture, original.config(), reopened.config());
            checkOutput(fixture, reopened.model());
        }
    }

    /** What was changed lies in the section that describes the language model. */
    private void checkConfig(Fixture fixture, ModelConfig before, ModelConfig after) throws IOException {
        if (fixture.configSection().isEmpty()) {
            checkKeys(before.values(), after.values());
            return;
        }
        String section = fixture.configSection().get();
        checkKeys(before.object(section).values(), after.object(section).values());
        assertThat(after.values().keySet()).isEqualTo(before.values().keySet());
        before.values().forEach((key, value) -> {
            if (!key.equals(section)) {
                assertThat(after.values().get(key)).as("config.json: %s", key).isEqualTo(value);
            }
        });
    }

    /** The expected keys have the expected values, and no other key was touched. */
    private void checkKeys(Map<String, Object> before, Map<String, Object> after) {
        JsonNode changed = expected.get("config_after");
        changed.fields().forEachRemaining(entry -> assertThat(after.get(entry.getKey()))
                .as("config.json: %s", entry.getKey())
                .isEqualTo(new Json().convert(entry.getValue(), Object.class)));
        assertThat(after.keySet()).allMatch(key -> before.containsKey(key) || changed.has(key));
        boolean compressed = before.containsKey(COMPRESSION);
        before.forEach((key, value) -> {
            if (compressed && (key.equals(COMPRESSION) || key.endsWith("dtype"))) {
                assertThat(after.get(key)).as("config.json: %s", key).isIn(null, "bfloat16");
            } else if (!changed.has(key)) {
                assertThat(after.get(key)).as("config.json: %s", key).isEqualTo(value);
            }
        });
    }

    private void checkOutput(Fixture fixture, CausalModel model) throws IOException {
        Calibration batch = fixture.sequences();
        boolean first = expected.equals(fixture.collapse().get("cases").get(0));
        try (var after = fixture.expectedAfter();
                INDArray last = model.hidden(batch, model.layerCount());
                INDArray output = model.finish(last)) {
            for (int i = 0; i < batch.layout().count(); i++) {
                try (INDArray state = Closeness.rows(output, batch.layout(), i).castTo(DataType.DOUBLE)) {
                    double norm = expected.get("final_hidden_norm").get(i).asDouble();
                    assertThat(state.norm2Number().doubleValue())
                            .as("norm of the final hidden state of sequence %s", i)
                            .isCloseTo(norm, within(Fixture.RELATIVE * norm));
                }
                if (first && !fixture.hasLogits()) {
                    Closeness.assertClose(
                            Closeness.rows(output, batch.layout(), i),
                            after.tensor("hidden." + i).load(),
                            fixture.hiddenTolerance(),
                            "final hidden state of sequence " + i + " after the collapse");
                }
            }
            if (first && fixture.hasLogits()) {
                checkLogits(fixture, model, output, batch, after);
            }
        }
    }

    private static void checkLogits(
            Fixture fixture, CausalModel model, INDArray output, Calibration batch, FileTensors after)
            throws IOException {
        try (INDArray logits = model.logits(output)) {
            for (int i = 0; i < batch.layout().count(); i++) {
                Closeness.assertClose(
                        Closeness.rows(logits, batch.layout(), i),
                        after.tensor("logits." + i).load(),
                        fixture.logitTolerance(),
                        "logits of sequence " + i + " after the collapse");
            }
        }
    }

    private CollapseResult search(HfCheckpoint checkpoint, Fixture fixture) {
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
