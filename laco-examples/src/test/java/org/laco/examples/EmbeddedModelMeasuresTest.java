package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.laco.io.ChoiceFile;
import org.laco.io.HfCheckpoint;
import org.laco.io.HfTokenizer;
import org.laco.measure.Accuracy;
import org.laco.measure.ChoiceItem;
import org.laco.measure.LayerSimilarity;
import org.laco.measure.MeasureSettings;
import org.laco.measure.ModelAgreement;
import org.laco.measure.MultipleChoice;
import org.laco.measure.Perplexity;
import org.laco.measure.TokenLogProbabilities;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.merge.NormPolicy;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;

/** Holds the measures of the embedded model against those that transformers gave, which {@code evaluate.py} recorded. */
class EmbeddedModelMeasuresTest {
    private static final Path DIRECTORY = Path.of("model");
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Half a unit of the last digit recorded, and as much again for the rounding of float32 arithmetic. */
    private static final double SIX_DIGITS = 1e-6;

    private static HfCheckpoint checkpoint;
    private static List<int[]> heldOut;
    private static List<int[]> calibration;
    private static List<ChoiceItem> items;
    private static JsonNode expected;

    @BeforeAll
    static void read() throws IOException {
        checkpoint = HfCheckpoint.open(DIRECTORY.resolve("model"));
        HfTokenizer tokenizer = checkpoint.tokenizer();
        heldOut = lines("held-out.txt").map(tokenizer::encode).toList();
        calibration = lines("calibration.txt").map(tokenizer::encode).toList();
        items = ChoiceFile.read(DIRECTORY.resolve("choices.jsonl"), tokenizer);
        expected = JSON.readTree(DIRECTORY.resolve("expected.json").toFile());
    }

    @AfterAll
    static void close() {
        checkpoint.close();
    }

    @Test
    void measuresTheDenseModelAsTransformersDoes() {
        assertMeasures(checkpoint.model(), expected.get("dense"));
    }

    @Test
    void answersQuestionsAsTheUsualHarnessHasIt() throws IOException {
        JsonNode harness = JSON.readTree(DIRECTORY.resolve("harness.json").toFile());

        TokenLogProbabilities probabilities = TokenLogProbabilities.of(checkpoint.model());
        MultipleChoice choices = MultipleChoice.measure(probabilities, items);

        assertThat(choices.accuracy()).isEqualTo(new Accuracy(226, 320));
        assertAccuracy(choices.accuracy(), harness, "acc");
        assertAccuracy(choices.accNorm().orElseThrow(), harness, "acc_norm");
        assertAccuracy(choices.accBytes().orElseThrow(), harness, "acc_bytes");
        assertThat(harness.get("sums")).hasSize(8);
        for (int i = 0; i < 8; i++) {
            ChoiceItem item = items.get(i);
            for (int choice = 0; choice < item.choices().size(); choice++) {
                int[] sequence = IntStream.concat(item.context().stream(), item.choices().get(choice).stream())
                        .toArray();
                double sum = probabilities
                        .compute(List.of(sequence), one -> item.context().length())
                        .get(0)
                        .stream()
                        .sum();
                // Half a unit of the last digit recorded, and as much again for the rounding of float32 arithmetic.
                assertThat(sum)
                        .as("question %s, choice %s", i, choice)
                        .isCloseTo(harness.get("sums").get(i).get(choice).asDouble(), within(1e-4));
            }
        }
    }

    private static void assertAccuracy(Accuracy accuracy, JsonNode harness, String name) {
        assertThat(accuracy.correct())
                .as(name)
                .isEqualTo(harness.get(name + "_correct").asInt());
        assertThat(accuracy.value()).as(name).isCloseTo(harness.get(name).asDouble(), within(1e-9));
        assertThat(accuracy.standardError())
                .as(name)
                .isCloseTo(harness.get(name + "_stderr").asDouble(), within(1e-9));
    }

    @ParameterizedTest(name = "{0}, {1} layers removed")
    @CsvSource({"telescoped, 7", "paper, 6", "mean, 3"})
    void measuresCollapsedModelsAsTransformersDoes(String rule, int removed) {
        JsonNode collapse = IntStream.range(0, expected.get("collapse").size())
                .mapToObj(expected.get("collapse")::get)
                .filter(one -> one.get("rule").asText().equals(rule)
                        && one.get("removed").asInt() == removed
                        && one.get("C").asInt() > 2)
                .findFirst()
                .orElseThrow();
        CollapsePlan plan = CollapsePlan.identity(12);
        for (JsonNode step : collapse.get("trace")) {
            if (step.get("accepted").asBoolean() && step.get("m").asInt() > 0) {
                plan = plan.merge(step.get("layer").asInt(), step.get("m").asInt(), rule(rule), NormPolicy.FROM_BASE);
            }
        }

        assertMeasures(checkpoint.model().collapsed(plan), collapse);
    }

    @Test
    void measuresAModelWithDroppedLayersAsTransformersDoes() {
        JsonNode drop = expected.get("shortgpt").get(2);
        assertThat(drop.get("dropped").toString()).isEqualTo("[4,7,8]");
        CollapsePlan plan = CollapsePlan.identity(12)
                .merge(6, 2, MergeRules.keepFirst(), NormPolicy.FROM_BASE)
                .merge(3, 1, MergeRules.keepFirst(), NormPolicy.FROM_BASE);

        assertMeasures(checkpoint.model().collapsed(plan), drop);
    }

    @Test
    void findsTheSameBlockInfluence() {
        LayerSimilarity similarity = LayerSimilarity.measure(
                checkpoint.model(), Calibration.ofTokens(calibration), MeasureSettings.defaults());

        JsonNode influence = expected.get("block_influence");
        assertThat(influence).hasSize(12);
        for (int layer = 0; layer < 12; layer++) {
            assertThat(similarity.blockInfluence().get(layer))
                    .as("layer %s", layer)
                    .isCloseTo(influence.get(layer).asDouble(), within(SIX_DIGITS));
        }
    }

    @Test
    void agreesLessTheMoreLayersAreMerged() {
        CausalModel model = checkpoint.model();
        CausalModel one =
                model.collapsed(CollapsePlan.identity(12).merge(7, 1, MergeRules.telescoped(), NormPolicy.FROM_BASE));
        CausalModel four =
                model.collapsed(CollapsePlan.identity(12).merge(7, 4, MergeRules.telescoped(), NormPolicy.FROM_BASE));

        ModelAgreement close = ModelAgreement.measure(model, one, calibration, MeasureSettings.defaults());
        ModelAgreement far = ModelAgreement.measure(model, four, calibration, MeasureSettings.defaults());

        assertThat(close.positions()).isEqualTo(889);
        assertThat(close.topAgreement()).isLessThan(1).isGreaterThan(far.topAgreement());
        assertThat(close.divergence()).isPositive().isLessThan(far.divergence());
    }

    private static void assertMeasures(CausalModel model, JsonNode recorded) {
        TokenLogProbabilities probabilities = TokenLogProbabilities.of(model);

        Perplexity perplexity = Perplexity.ofSequences(probabilities, heldOut);
        assertThat(perplexity.tokens()).isEqualTo(recorded.get("tokens").asLong());
        assertThat(perplexity.meanNegativeLogLikelihood())
                .isCloseTo(recorded.get("mean_nll").asDouble(), within(SIX_DIGITS));
        assertThat(perplexity.perplexity()).isCloseTo(recorded.get("perplexity").asDouble(), within(.0001));

        MultipleChoice choices = MultipleChoice.measure(probabilities, items);
        assertThat(choices.accuracy().correct())
                .isEqualTo(recorded.get("correct").asInt());
        assertThat(choices.accuracy().items()).isEqualTo(320);
        assertThat(choices.accuracyPerToken().value())
                .isCloseTo(recorded.get("accuracy_per_token").asDouble(), within(.0001));
        assertThat(choices.accuracyPerByte().orElseThrow().value())
                .isCloseTo(recorded.get("accuracy_per_byte").asDouble(), within(.0001));
        assertThat(choices.byKind()).hasSize(16);
        choices.byKind().forEach((kind, accuracy) -> assertThat(accuracy.value())
                .as(kind)
                .isCloseTo(recorded.get("accuracy_by_kind").get(kind).asDouble(), within(.001)));
    }

    private static MergeRule rule(String name) {
        return switch (name) {
            case "telescoped" -> MergeRules.telescoped();
            case "paper" -> MergeRules.rdsc();
            default -> MergeRules.mean();
        };
    }

    private static Stream<String> lines(String name) throws IOException {
        return Files.readAllLines(DIRECTORY.resolve(name)).stream();
    }
}
