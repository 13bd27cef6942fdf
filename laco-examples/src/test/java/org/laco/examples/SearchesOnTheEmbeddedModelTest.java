package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.fit.Fit;
import org.laco.io.CalibrationFile;
import org.laco.io.CheckpointWriter;
import org.laco.io.HfCheckpoint;
import org.laco.io.PlanJson;
import org.laco.io.WrittenCheckpoint;
import org.laco.measure.Evaluation;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.search.CollapseStep;
import org.laco.search.Searches;
import org.laco.stack.Calibration;

class SearchesOnTheEmbeddedModelTest {
    @TempDir
    private Path directory;

    private HfCheckpoint checkpoint;
    private Calibration calibration;

    @BeforeEach
    void open() throws Exception {
        EmbeddedModel embedded = EmbeddedModel.extractTo(directory);
        checkpoint = HfCheckpoint.open(embedded.model());
        calibration = CalibrationFile.read(embedded.calibration(), checkpoint);
    }

    @AfterEach
    void close() {
        checkpoint.close();
    }

    private LayerCollapse.Builder builder() {
        return LayerCollapse.builder().calibration(calibration);
    }

    /** Layers and similarities of model/expected.json, computed with transformers. */
    @ParameterizedTest
    @CsvSource({
        "11, 7, 0.991408",
        "10, 7 8, 0.975161",
        "9, 4 7 8, 0.961397",
    })
    void blockInfluenceDropsTheLayersThatTransformersSays(int layers, String dropped, double similarity) {
        CollapseResult result = builder()
                .search(Searches.named("shortgpt"))
                .targetLayers(layers)
                .build()
                .apply(checkpoint.model());

        Set<Integer> kept = ImmutableSet.copyOf(
                result.plan().sources().stream().map(sources -> sources.get(0)).toList());
        Set<Integer> all = ImmutableSet.copyOf(IntStream.range(0, 12).boxed().toList());
        assertThat(Sets.difference(all, kept))
                .containsExactlyElementsOf(List.of(dropped.split(" ")).stream()
                        .map(Integer::valueOf)
                        .toList());
        assertThat(result.similarity()).isCloseTo(similarity, within(1e-5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"runs", "greedy", "laco", "shortgpt", "angular", "replaceme", "sleb", "last"})
    void everyPlanReplaysToTheRecordedSimilarityAndObjective(String name) {
        CollapseResult result =
                builder().search(Searches.named(name)).targetLayers(10).build().apply(checkpoint.model());
        Evaluation replayed =
                builder().build().replay(checkpoint.model(), result.plan()).evaluation();
        CollapseStep last = result.steps().stream()
                .filter(CollapseStep::accepted)
                .reduce((one, next) -> next)
                .orElseThrow();

        assertThat(replayed.similarity().value()).isCloseTo(result.similarity(), within(1e-6));
        assertThat(replayed.figures().keySet())
                .isEqualTo(result.evaluation().figures().keySet());
        replayed.figures().forEach((figure, value) -> assertThat(value)
                .as(figure)
                .isCloseTo(result.evaluation().figures().get(figure), within(1e-5)));
        assertThat(last.score().orElseThrow().metric())
                .isEqualTo(result.settings().parameters().get("objective").toString());
        if (Searches.named(name).fit().isEmpty()) {
            assertThat(replayed.figures().get(last.score().orElseThrow().metric() + ".mean"))
                    .isCloseTo(last.score().orElseThrow().value(), within(1e-5));
        }
    }

    @Test
    void theTestsKnowEverySearch() {
        assertThat(Searches.all().keySet())
                .containsExactly("runs", "greedy", "laco", "shortgpt", "angular", "replaceme", "sleb", "last");
    }

    @Test
    void writesFittedWeightsAndRecordsTheirHashes() throws Exception {
        CollapsePlan plan = CollapsePlan.identity(12).merge(5, 3, MergeRules.keepFirst());
        // 889 tokens for 352 inputs.
        Fit refit = Fit.ridge(3).tokensPerInput(2);
        CollapseResult result = builder().fit(refit).build().replay(checkpoint.model(), plan);
        Path target = directory.resolve("out");

        WrittenCheckpoint written = CheckpointWriter.builder().build().write(checkpoint, result, target);

        assertThat(result.plan().layers().get(5)).isInstanceOf(FittedLayer.class);
        assertThat(result.similarity())
                .isGreaterThan(
                        builder().build().replay(checkpoint.model(), plan).similarity());
        assertThat(written.verified().value()).isCloseTo(result.similarity(), within(1e-6));
        CollapsePlan read = new PlanJson().read(target.resolve("laco.json"));
        FittedLayer layer = (FittedLayer) read.layers().get(5);
        FittedLayer found = (FittedLayer) result.plan().layers().get(5);
        assertThat(layer.layer()).isEqualTo(found.layer());
        assertThat(layer.tensors().get("mlp.down_proj.weight").sha256())
                .isEqualTo(found.tensors().get("mlp.down_proj.weight").sha256());
        assertThatThrownBy(() -> builder().build().replay(checkpoint.model(), read))
                .hasMessageEndingWith("the plan holds only its hash: run the refit again");
        CollapseResult again = builder().fit(refit).build().replay(checkpoint.model(), read);
        assertThat(again.plan().layers().get(5)).isInstanceOf(FittedLayer.class);
    }

    @Test
    void writesRepairedLayersAndFindsTheSameWeightsAgain() throws Exception {
        CollapsePlan plan = CollapsePlan.identity(12).merge(5, 3, MergeRules.keepFirst());
        Fit refit = Fit.ridge(3).tokensPerInput(2).repairs(true);
        CollapseResult result = builder().fit(refit).build().replay(checkpoint.model(), plan);
        Path target = directory.resolve("out");
        WrittenCheckpoint written = CheckpointWriter.builder().build().write(checkpoint, result, target);

        assertThat(written.verified().value()).isCloseTo(result.similarity(), within(1e-6));
        assertThat(fittedHashes(result.plan()).keySet())
                .contains("5 mlp.down_proj.weight")
                .as("and a layer above that was kept")
                .anyMatch(name -> !name.startsWith("5 "));
        CollapsePlan read = new PlanJson().read(target.resolve("laco.json"));
        assertThat(fittedHashes(read)).isEqualTo(fittedHashes(result.plan()));
        CollapseResult again = builder().fit(refit).build().replay(checkpoint.model(), read);
        assertThat(fittedHashes(again.plan())).isEqualTo(fittedHashes(result.plan()));
    }

    private static Map<String, String> fittedHashes(CollapsePlan plan) {
        Map<String, String> hashes = new TreeMap<>();
        for (int i = 0; i < plan.size(); i++) {
            if (plan.layers().get(i) instanceof FittedLayer refit) {
                for (var tensor : refit.tensors().entrySet()) {
                    hashes.put(i + " " + tensor.getKey(), tensor.getValue().sha256());
                }
            }
        }
        return hashes;
    }
}
