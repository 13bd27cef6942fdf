package org.example.laco;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableSet;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointWriter;
import org.laco.io.Checkpoints;
import org.laco.io.HfCheckpoint;
import org.laco.io.PlanJson;
import org.laco.io.WrittenCheckpoint;
import org.laco.measure.FinalHiddenStates;
import org.laco.measure.Score;
import org.laco.merge.MergeRule;
import org.laco.merge.RuleNames;
import org.laco.merge.SpanWeights;
import org.laco.model.CausalModel;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.model.family.Family;
import org.laco.plan.CollapsePlan;
import org.laco.search.CollapseStep;
import org.laco.search.Searches;
import org.laco.stack.Calibration;
import org.laco.tensor.InMemoryTensors;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Adds a rule, a metric, a family and a format as somebody outside of the library would: by one class each, and a line to register it. */
class PartsOfOnesOwnTest {
    private static final int WIDTH = 8;
    private static final int VOCABULARY = 11;
    private static final Calibration CALIBRATION = Calibration.ofTokens(new int[] {3, 1, 4, 1, 5}, new int[] {9, 2, 6});

    @TempDir
    private Path directory;

    /** A model of the family, of small random weights. */
    private static CausalModel model(Family family, int depth) {
        Nd4j.getRandom().setSeed(5);
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        tensors.put("tokens", Nd4j.randn(DataType.FLOAT, VOCABULARY, WIDTH));
        for (int i = 0; i < depth; i++) {
            String layer = "layers." + i + ".";
            tensors.put(layer + "norm1.weight", Nd4j.ones(DataType.FLOAT, WIDTH));
            tensors.put(layer + "norm2.weight", Nd4j.ones(DataType.FLOAT, WIDTH));
            for (String map : new String[] {"query", "key", "value", "output"}) {
                tensors.put(
                        layer + map + ".weight",
                        Nd4j.randn(DataType.FLOAT, WIDTH, WIDTH).muli(0.1));
            }
            tensors.put(
                    layer + "up.weight",
                    Nd4j.randn(DataType.FLOAT, 2 * WIDTH, WIDTH).muli(0.1));
            tensors.put(
                    layer + "down.weight",
                    Nd4j.randn(DataType.FLOAT, WIDTH, 2 * WIDTH).muli(0.1));
        }
        tensors.put("norm.weight", Nd4j.ones(DataType.FLOAT, WIDTH));
        return CausalModel.of(PlainFormat.config(WIDTH, VOCABULARY, depth), InMemoryTensors.of(tensors), family);
    }

    private static LayerCollapse.Builder collapse() {
        return LayerCollapse.builder().calibration(CALIBRATION);
    }

    private static WrittenCheckpoint write(Checkpoint checkpoint, CollapseResult result, Path target)
            throws IOException {
        return CheckpointWriter.builder().build().write(checkpoint, result, target);
    }

    private static String sha256(Path file) throws IOException {
        return Hashing.sha256().hashBytes(Files.readAllBytes(file)).toString();
    }

    @Test
    void aRuleIsWrittenToAPlanAndReplayed() throws IOException {
        try (Checkpoint checkpoint = Checkpoints.inMemory(model(new PlainFamily(), 5))) {
            CollapseResult found = collapse().rule(new Halfway()).build().merge(checkpoint.model(), 1, 2);
            write(checkpoint, found, directory.resolve("found"));

            CollapsePlan plan = new PlanJson().read(directory.resolve("found/laco.json"));
            CollapseResult replayed = collapse().build().replay(checkpoint.model(), plan);
            write(checkpoint, replayed, directory.resolve("replayed"));

            assertThat(plan.layers().get(1)).hasToString("halfway[1, 2, 3]");
            assertThat(sha256(directory.resolve("replayed/model.safetensors")))
                    .isEqualTo(sha256(directory.resolve("found/model.safetensors")));
            try (INDArray first = checkpoint
                            .model()
                            .tensors()
                            .tensor("layers.1.up.weight")
                            .load();
                    INDArray last = checkpoint
                            .model()
                            .tensors()
                            .tensor("layers.3.up.weight")
                            .load();
                    HfCheckpoint written = HfCheckpoint.open(directory.resolve("replayed"));
                    INDArray merged =
                            written.weights().tensor("layers.1.up.weight").load()) {
                assertThat(merged.ravel().toFloatVector())
                        .containsExactly(first.add(last).muli(0.5).ravel().toFloatVector());
            }
        }
    }

    @Test
    void aRuleThatIsRegisteredNowhereIsGivenToTheReaderOfItsPlan() throws IOException {
        MergeRule unregistered = new OfFirst();
        CollapseResult found = collapse().rule(unregistered).build().merge(model(new PlainFamily(), 3), 0, 1);
        ObjectNode encoded = new PlanJson().encode(found.plan());

        assertThat(new PlanJson(RuleNames.known().with(unregistered)).decode(encoded))
                .isEqualTo(found.plan());
        assertThatThrownBy(() -> new PlanJson().decode(encoded))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("layers[0].rule: unknown merge rule of-first, expected one of telescoped");
    }

    /** A rule without a provider. */
    private static final class OfFirst implements MergeRule {
        @Override
        public String name() {
            return "of-first";
        }

        @Override
        public void merge(SpanWeights weights, INDArray destination) {
            weights.copyTo(0, destination);
        }
    }

    @Test
    void aRuleThatIsUnknownWhereAPlanIsReadIsNamedWithItsPlace() throws IOException {
        Path plan = Files.writeString(
                directory.resolve("plan.json"),
                "{\"originalLayers\": 3, \"layers\": [0, {\"merge\": [1, 2], \"rule\": \"gone\"}]}");

        assertThatThrownBy(() -> new PlanJson().read(plan))
                .isInstanceOf(IOException.class)
                .hasMessage(plan + ": layers[1].rule: unknown merge rule gone, expected one of telescoped, rdsc, mean,"
                        + " keep-first, damped-rdsc:λ, norm-preserving:RULE, best:RULE,RULE, halfway");
    }

    @Test
    void aMetricNeedsNoRegistration() {
        CausalModel model = model(new PlainFamily(), 5);
        CollapseResult result = collapse()
                .search(Searches.named("greedy"))
                .targetLayers(4)
                .objective(new Distance())
                .build()
                .apply(model);

        CollapseStep accepted = result.steps().stream()
                .filter(CollapseStep::accepted)
                .reduce((one, other) -> other)
                .orElseThrow();
        try (INDArray original = FinalHiddenStates.of(model, CALIBRATION);
                INDArray collapsed = FinalHiddenStates.of(result.model(), CALIBRATION)) {
            double[] largest = new double[2];
            for (int row = 0; row < 8; row++) {
                for (int column = 0; column < WIDTH; column++) {
                    double difference = Math.abs(original.getDouble(row, column) - collapsed.getDouble(row, column));
                    int sequence = row < 5 ? 0 : 1;
                    largest[sequence] = Math.max(largest[sequence], difference);
                }
            }
            Score score = accepted.score().orElseThrow();
            assertThat(score.metric()).isEqualTo("distance");
            assertThat(score.perSequence().get(0)).isCloseTo(-largest[0], within(1e-6));
            assertThat(score.perSequence().get(1)).isCloseTo(-largest[1], within(1e-6));
        }
    }

    @Test
    void aFamilyIsFoundByItsModelType() throws IOException {
        try (Checkpoint original = Checkpoints.inMemory(model(new PlainFamily(), 5))) {
            CollapseResult result = collapse().build().merge(original.model(), 2, 1);
            write(original, result, directory.resolve("collapsed"));
        }
        try (Checkpoint reopened = Checkpoints.open(directory.resolve("collapsed"))) {
            assertThat(reopened.model().family()).isInstanceOf(PlainFamily.class);
            assertThat(reopened.model().layerCount()).isEqualTo(4);
            CollapseResult again = collapse().build().merge(reopened.model(), 1, 1);
            assertThat(write(reopened, again, directory.resolve("again"))
                            .verified()
                            .value())
                    .isCloseTo(again.similarity(), within(1e-6));
        }
    }

    @Test
    void aFamilyThatIsHandedOverGoesWithTheModelUntilItIsWrittenAndOpenedAgain() throws IOException {
        Family unregistered = new Unregistered();
        try (Checkpoint original = Checkpoints.inMemory(model(unregistered, 5))) {
            write(original, collapse().build().merge(original.model(), 2, 1), directory.resolve("collapsed"));
        }
        try (HfCheckpoint reopened = HfCheckpoint.open(directory.resolve("collapsed"), unregistered)) {
            assertThat(reopened.model().family()).isSameAs(unregistered);
            CollapseResult again = collapse().build().merge(reopened.model(), 1, 1);
            write(reopened, again, directory.resolve("again"));
            assertThat(((CausalModel) again.model()).family()).isSameAs(unregistered);
        }
        assertThat(Files.exists(directory.resolve("again/model.safetensors"))).isTrue();
    }

    /** A family that knows no model type: it can only be handed over. */
    private static final class Unregistered implements Family {
        private final Family plain = new PlainFamily();

        @Override
        public String name() {
            return "unregistered";
        }

        @Override
        public ImmutableSet<String> modelTypes() {
            return ImmutableSet.of();
        }

        @Override
        public String notes() {
            return "none";
        }

        @Override
        public Decoder define(ModelConfig config, TensorSource tensors) {
            return plain.define(config, tensors);
        }

        @Override
        public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
            return plain.collapse(config, plan);
        }
    }

    private Path plainCheckpoint(String name) throws IOException {
        Path target = Files.createDirectories(directory.resolve(name));
        new PlainFormat.PlainFiles(model(new PlainFamily(), 5)).writeTo(target, false);
        return target;
    }

    @Test
    void aFormatIsOpenedCollapsedWrittenAndReplayed() throws IOException {
        Path source = plainCheckpoint("source");
        try (Checkpoint checkpoint = Checkpoints.open(source)) {
            CollapseResult result = collapse()
                    .range(1, 5)
                    .layersPerMerge(2)
                    .threshold(0.5)
                    .build()
                    .apply(checkpoint.model());
            WrittenCheckpoint written = write(checkpoint, result, directory.resolve("collapsed"));

            assertThat(result.layersRemoved()).isPositive();
            assertThat(written.record()
                            .toJson()
                            .at("/inputs/" + PlainFormat.FILE)
                            .textValue())
                    .isEqualTo(sha256(source.resolve(PlainFormat.FILE)));
            assertThat(written.record()
                            .toJson()
                            .at("/outputs/" + PlainFormat.FILE)
                            .textValue())
                    .isEqualTo(sha256(directory.resolve("collapsed").resolve(PlainFormat.FILE)));

            CollapsePlan plan = new PlanJson().read(directory.resolve("collapsed/laco.json"));
            CollapseResult replayed = collapse().build().replay(checkpoint.model(), plan);
            write(checkpoint, replayed, directory.resolve("replayed"));
            assertThat(sha256(directory.resolve("replayed").resolve(PlainFormat.FILE)))
                    .isEqualTo(sha256(directory.resolve("collapsed").resolve(PlainFormat.FILE)));
            try (Checkpoint reopened = Checkpoints.open(directory.resolve("replayed"))) {
                assertThat(reopened.model().layerCount()).isEqualTo(plan.size());
            }
        }
    }

    @Test
    void aFormatsDirectoryIsKeptFromBeingOverwrittenAndReplacedIfThatIsAskedFor() throws IOException {
        Path source = plainCheckpoint("source");
        Path old = plainCheckpoint("old");
        Path other = Files.createDirectories(directory.resolve("other"));
        Files.writeString(other.resolve("letter.txt"), "kept");
        CheckpointWriter overwriting =
                CheckpointWriter.builder().overwrite(true).build();
        try (Checkpoint checkpoint = Checkpoints.open(source)) {
            assertThatThrownBy(() -> overwriting.check(checkpoint, source))
                    .hasMessage(source + " overlaps the input " + source + ": choose a directory beside it");
            assertThatThrownBy(() -> overwriting.check(checkpoint, other))
                    .hasMessage(other + " holds no checkpoint and is not overwritten");
            overwriting.write(checkpoint, collapse().build().merge(checkpoint.model(), 1, 1), old);
        }
        assertThat(old.resolve("laco.json")).exists();
    }

    @Test
    void aDirectoryThatNoFormatRecognisesIsRefusedWithWhatEachExpected() throws IOException {
        Path empty = Files.createDirectories(directory.resolve("empty"));

        assertThatThrownBy(() -> Checkpoints.open(empty))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        empty + " is no checkpoint of a known format (Hugging Face: it has no config.json; Plain: it"
                                + " has no model.plain)");

        Files.writeString(empty.resolve("adapter_config.json"), "{}");
        assertThatThrownBy(() -> Checkpoints.open(empty))
                .hasMessageStartingWith(
                        empty + " is no checkpoint of a known format (Hugging Face: it holds an adapter");
    }

    @Test
    void aDirectoryThatTwoFormatsRecogniseIsRefused() throws IOException {
        Path both = plainCheckpoint("both");
        Files.writeString(both.resolve("config.json"), "{}");

        assertThatThrownBy(() -> Checkpoints.open(both))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        both + " is a checkpoint of several formats, Hugging Face and Plain: move the files of one of"
                                + " them elsewhere");
    }

    @Test
    void refusesAResultOfAnotherModelThanTheOneInMemory() {
        CausalModel model = model(new PlainFamily(), 3);
        CollapseResult result = collapse().build().merge(model, 1, 1);

        assertThatThrownBy(() -> write(
                        Checkpoints.inMemory(model(new PlainFamily(), 3)), result, directory.resolve("collapsed")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the result is of another model than that of the checkpoint in memory");
    }
}
