package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import com.google.common.hash.HashingOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.CalibrationFile;
import org.laco.io.HfCheckpoint;
import org.laco.kernel.Kernels;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.search.CollapseStep;

/**
 * Holds the embedded model against expected.json, which transformers and a search of its own computed in float32. Candidates measured in
 * bfloat16 are those of {@link RoundedCandidatesTest}.
 */
class EmbeddedModelTest {
    private static final ImmutableList<String> LINEAR = ImmutableList.of(
            "self_attn.q_proj.weight",
            "self_attn.k_proj.weight",
            "self_attn.v_proj.weight",
            "self_attn.o_proj.weight",
            "mlp.gate_proj.weight",
            "mlp.up_proj.weight",
            "mlp.down_proj.weight");

    @TempDir
    static Path directory;

    private static EmbeddedModel embedded;
    private static HfCheckpoint checkpoint;

    @BeforeAll
    static void open() throws IOException {
        System.setProperty(Kernels.PROPERTY, "float32");
        embedded = EmbeddedModel.extractTo(directory);
        checkpoint = HfCheckpoint.open(embedded.model());
    }

    @AfterAll
    static void close() {
        System.clearProperty(Kernels.PROPERTY);
        checkpoint.close();
    }

    static JsonNode expected() throws IOException {
        return new ObjectMapper().readTree(new File("model/expected.json"));
    }

    static Stream<JsonNode> rows() throws IOException {
        return StreamSupport.stream(expected().get("collapse").spliterator(), false);
    }

    @Test
    void isTheModelThatWasTrained() throws IOException {
        assertThat(checkpoint.model().layerCount()).isEqualTo(12);
        assertThat(checkpoint.model().parameterCount())
                .isEqualTo(expected().get("model").get("parameters").asLong());
        assertThat(hash(checkpoint.model()))
                .isEqualTo(expected().get("dense").get("linear_sha256").asText());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void mergesToTheSameBytes(JsonNode row) throws IOException {
        CollapsePlan plan = CollapsePlan.identity(12);
        for (JsonNode step : row.get("trace")) {
            if (step.get("accepted").asBoolean() && step.get("m").asInt() > 0) {
                plan = plan.merge(
                        step.get("layer").asInt(),
                        step.get("m").asInt(),
                        rule(row.get("rule").asText()));
            }
        }
        assertThat(groups(plan)).isEqualTo(groups(row));
        assertThat(hash(checkpoint.model().collapsed(plan)))
                .isEqualTo(row.get("linear_sha256").asText());
    }

    @ParameterizedTest
    @CsvSource({"telescoped,4,2,0.93", "telescoped,3,1,0.9", "paper,3,1,0.725", "paper,2,1,0.94", "mean,3,1,0.68"})
    void decidesAsTheSearchThatWasRecorded(String rule, int layers, int interval, double threshold) throws IOException {
        JsonNode row = rows().filter(candidate -> candidate.get("rule").asText().equals(rule)
                        && candidate.get("C").asInt() == layers
                        && candidate.get("I").asInt() == interval
                        && candidate.get("T").asDouble() == threshold)
                .findFirst()
                .orElseThrow();
        CollapseResult result = LayerCollapse.builder()
                .range(row.get("L").asInt(), row.get("H").asInt())
                .layersPerMerge(layers)
                .interval(interval)
                .threshold(threshold)
                .rule(rule(rule))
                .calibration(CalibrationFile.read(embedded.calibration(), checkpoint))
                .build()
                .apply(checkpoint.model());
        List<JsonNode> trace = StreamSupport.stream(row.get("trace").spliterator(), false)
                .filter(step -> step.get("m").asInt() > 0)
                .toList();
        assertThat(result.steps()).hasSameSizeAs(trace);
        for (int i = 0; i < trace.size(); i++) {
            CollapseStep step = result.steps().get(i);
            assertThat(step.layer()).isEqualTo(trace.get(i).get("layer").asInt());
            assertThat(step.merged()).isEqualTo(trace.get(i).get("m").asInt());
            assertThat(step.accepted()).isEqualTo(trace.get(i).get("accepted").asBoolean());
            // Recorded with six digits.
            assertThat(step.score().orElseThrow().value())
                    .isCloseTo(trace.get(i).get("similarity").asDouble(), within(3e-6));
        }
        assertThat(result.similarity()).isCloseTo(row.get("final_similarity").asDouble(), within(3e-6));
        assertThat(hash((CausalModel) result.model()))
                .isEqualTo(row.get("linear_sha256").asText());
    }

    private static MergeRule rule(String name) {
        return name.equals("paper") ? MergeRules.rdsc() : MergeRules.named(name);
    }

    private static List<List<Integer>> groups(CollapsePlan plan) {
        return plan.sources().stream().<List<Integer>>map(List::copyOf).toList();
    }

    private static List<List<Integer>> groups(JsonNode row) {
        return StreamSupport.stream(row.get("groups").spliterator(), false)
                .map(group -> StreamSupport.stream(group.spliterator(), false)
                        .map(JsonNode::asInt)
                        .toList())
                .toList();
    }

    private static String hash(CausalModel model) throws IOException {
        try (HashingOutputStream hashing = new HashingOutputStream(Hashing.sha256(), OutputStream.nullOutputStream())) {
            for (int layer = 0; layer < model.layerCount(); layer++) {
                for (String name : LINEAR) {
                    model.tensors(layer).get(name).tensor().writeTo(Channels.newChannel(hashing));
                }
            }
            return hashing.hash().toString();
        }
    }
}
