package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.laco.LayerCollapse;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerCompatibility;
import org.laco.stack.PlanCheck;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What is checked of one fixture. */
final class FamilyChecks {
    private static final int LARGEST_MERGE = 3;

    private final Path directory;
    private final Path temporary;

    FamilyChecks(Path directory, Path temporary) {
        this.directory = directory;
        this.temporary = temporary;
    }

    DynamicNode all() {
        List<DynamicNode> checks = new ArrayList<>();
        checks.add(dynamicTest("hidden states and logits", this::checkBatch));
        checks.add(dynamicTest("each sequence alone", this::checkAlone));
        checks.add(dynamicTest("sequences that continue one beginning", this::checkBranches));
        checks.add(dynamicTest("kinds of layers", this::checkKinds));
        checks.add(dynamicTest("refused merges", this::checkRefusals));
        try (Fixture fixture = Fixture.open(directory)) {
            for (JsonNode expected : fixture.collapse().get("cases")) {
                SearchChecks search = new SearchChecks(directory, temporary, expected);
                checks.add(search.all());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return DynamicContainer.dynamicContainer(directory.getFileName().toString(), checks);
    }

    private void checkBatch() throws IOException {
        try (Fixture fixture = Fixture.open(directory);
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            compare(fixture, checkpoint.model(), fixture.sequences(), 0);
        }
    }

    private void checkAlone() throws IOException {
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
        INDArray hidden = model.embed(batch);
        for (int layer = 0; layer < model.layerCount(); layer++) {
            INDArray alone = model.hiddenStates(hidden);
            for (int i = 0; i < batch.layout().count(); i++) {
                Closeness.assertClose(
                        Closeness.rows(alone, batch.layout(), i),
                        fixture.hidden(first + i, layer),
                        fixture.hiddenTolerance(),
                        "hidden state of sequence " + (first + i) + " entering layer " + layer);
            }
            try (INDArray entering = hidden;
                    LayerWeights weights = LayerWeights.load(model.tensors(layer))) {
                hidden = model.forward(layer, weights, entering, batch.layout());
            }
        }
        try (INDArray last = hidden;
                INDArray output = model.finish(last)) {
            for (int i = 0; i < batch.layout().count(); i++) {
                Closeness.assertClose(
                        Closeness.rows(output, batch.layout(), i),
                        fixture.hidden(first + i, model.layerCount()),
                        fixture.hiddenTolerance(),
                        "final hidden state of sequence " + (first + i));
            }
            if (fixture.hasLogits()) {
                compareLogits(fixture, model, output, batch, first);
            } else {
                assertThatThrownBy(() -> model.logits(output))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("no language-model head");
            }
        }
    }

    private static void compareLogits(Fixture fixture, CausalModel model, INDArray output, Calibration batch, int first)
            throws IOException {
        try (INDArray logits = model.logits(output)) {
            for (int i = 0; i < batch.layout().count(); i++) {
                Closeness.assertClose(
                        Closeness.rows(logits, batch.layout(), i),
                        fixture.logits(first + i),
                        fixture.logitTolerance(),
                        "logits of sequence " + (first + i));
            }
            checkLogitsOfSomeTokens(model, output, logits);
        }
    }

    private static void checkLogitsOfSomeTokens(CausalModel model, INDArray output, INDArray all) {
        int[] tokens = {model.vocabulary() - 1, 0, model.vocabulary() / 2};
        try (INDArray some = model.logits(output, tokens)) {
            for (int row = 0; row < output.size(0); row++) {
                for (int i = 0; i < tokens.length; i++) {
                    double expected = all.getDouble(row, tokens[i]);
                    assertThat(some.getDouble(row, i))
                            .as("logit of token %s at row %s", tokens[i], row)
                            .isCloseTo(expected, within(1e-5 * (1 + Math.abs(expected))));
                }
            }
        }
    }

    /** Has two sequences continue the first half of each as the original does. */
    private void checkBranches() throws IOException {
        try (Fixture fixture = Fixture.open(directory);
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            CausalModel model = checkpoint.model();
            assertThat(model.longestBranch()).isPositive();
            Calibration all = fixture.sequences();
            for (int i = 0; i < all.layout().count(); i++) {
                int length = all.layout().length(i);
                if (length > 1 && length <= model.longestBranch()) {
                    compareBranches(fixture, model, i, all.tokens(i));
                }
            }
        }
    }

    private static void compareBranches(Fixture fixture, CausalModel model, int sequence, int[] tokens)
            throws IOException {
        int half = tokens.length / 2;
        int rest = tokens.length - half;
        SequenceLayout branches = SequenceLayout.branching(
                List.of(half, rest, rest), List.of(OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(0)));
        int[] twice = IntStream.concat(IntStream.range(0, tokens.length), IntStream.range(half, tokens.length))
                .toArray();
        INDArray hidden;
        try (INDArray once = model.embed(Calibration.ofTokens(tokens))) {
            hidden = Nd4j.pullRows(once, 1, twice);
        }
        for (int layer = 0; layer < model.layerCount(); layer++) {
            try (INDArray entering = hidden;
                    LayerWeights weights = LayerWeights.load(model.tensors(layer))) {
                hidden = model.forward(layer, weights, entering, branches);
            }
        }
        try (INDArray last = hidden;
                INDArray output = model.finish(last)) {
            for (int branch = 1; branch <= 2; branch++) {
                Closeness.assertClose(
                        Nd4j.pullRows(output, 1, branches.rowsUpTo(branch)),
                        fixture.hidden(sequence, model.layerCount()),
                        fixture.hiddenTolerance(),
                        "final hidden state of branch " + branch + " of sequence " + sequence);
            }
        }
    }

    private void checkKinds() throws IOException {
        try (Fixture fixture = Fixture.open(directory);
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            JsonNode kinds = fixture.collapse().get("layer_kinds");
            assertThat(checkpoint.model().layerCount()).isEqualTo(kinds.size());
            int fed = fixture.layersFedByVision();
            for (int one = 0; one < kinds.size(); one++) {
                for (int other = 0; other < kinds.size(); other++) {
                    assertThat(LayerCompatibility.difference(checkpoint.model(), one, other)
                                    .isEmpty())
                            .as("layers %s and %s may be merged", one, other)
                            .isEqualTo(one == other
                                    || Math.min(one, other) >= fed
                                            && kinds.get(one).equals(kinds.get(other)));
                }
            }
        }
    }

    private void checkRefusals() throws IOException {
        try (Fixture fixture = Fixture.open(directory);
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            CausalModel model = checkpoint.model();
            Set<List<Integer>> refused = new HashSet<>();
            fixture.collapse()
                    .get("refuse")
                    .forEach(pair ->
                            refused.add(List.of(pair.get(0).asInt(), pair.get(1).asInt())));
            int fed = fixture.layersFedByVision();
            LayerCollapse collapse =
                    LayerCollapse.builder().calibration(fixture.sequences()).build();
            for (int layer = 0; layer < model.layerCount(); layer++) {
                for (int merged = 1; merged <= LARGEST_MERGE && layer + merged < model.layerCount(); merged++) {
                    boolean isRefused = layer < fed || refused.contains(List.of(layer, merged));
                    checkMerge(model, collapse, layer, merged, isRefused);
                }
            }
        }
    }

    private static void checkMerge(
            CausalModel model, LayerCollapse collapse, int layer, int merged, boolean isRefused) {
        if (isRefused) {
            assertThatThrownBy(() -> collapse.merge(model, layer, merged))
                    .as("merging %s layers into layer %s", merged, layer)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("(?s).*layers " + layer + " and \\d+ differ in .*: .* and .*");
        } else {
            CollapsePlan plan = CollapsePlan.identity(model.layerCount()).merge(layer, merged, MergeRules.telescoped());
            assertThatCode(() -> PlanCheck.check(model, plan))
                    .as("merging %s layers into layer %s", merged, layer)
                    .doesNotThrowAnyException();
        }
    }
}
