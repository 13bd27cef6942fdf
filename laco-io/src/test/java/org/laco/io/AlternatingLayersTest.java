package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.measure.Metrics;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.search.Search;
import org.laco.search.Searches;
import org.laco.search.SpanSearch;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Shortens models whose kinds of layers alternate, so that hardly any two neighbours merge, and opens the result. */
class AlternatingLayersTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");

    @TempDir
    Path temporary;

    static Stream<Arguments> searches() {
        return Stream.of("gemma2_old", "gemma3_text_old", "qwen3_5")
                .flatMap(fixture -> Stream.of(
                        Arguments.of(fixture, Searches.best(), MergeRules.keepFirst()),
                        Arguments.of(
                                fixture,
                                new SpanSearch(1, 8, 2, MergeRules.mean(), Metrics.divergence()),
                                MergeRules.mean()),
                        Arguments.of(fixture, Searches.named("shortgpt"), MergeRules.keepFirst())));
    }

    @ParameterizedTest
    @MethodSource("searches")
    void areShortenedToAnyTarget(String fixtureName, Search search, MergeRule rule) throws IOException {
        try (Fixture fixture = Fixture.open(FIXTURES.resolve(fixtureName));
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            CausalModel model = checkpoint.model();
            int target = model.layerCount() - 5;
            CollapseResult result = LayerCollapse.builder()
                    .search(search)
                    .rule(rule)
                    .targetLayers(target)
                    .calibration(fixture.sequences())
                    .build()
                    .apply(model);
            Path written = temporary.resolve("model");
            CheckpointWriter.builder().build().write(checkpoint, result, written);

            try (HfCheckpoint reopened = HfCheckpoint.open(written)) {
                assertThat(reopened.model().layerCount()).isEqualTo(target);
                assertSame(reopened.model(), (CausalModel) result.model(), fixture.sequences());
                assertThat(kinds(reopened.model()))
                        .isEqualTo(result.plan().layers().stream()
                                .map(layer -> model.properties(layer.base().index()))
                                .toList());
            }
        }
    }

    @Test
    void leaveOutPlansThatTheConfigurationCannotDescribe() throws IOException {
        try (Fixture fixture = Fixture.open(FIXTURES.resolve("gemma4_text_moe"));
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            CausalModel model = checkpoint.model();
            LayerCollapse.Builder builder = LayerCollapse.builder()
                    .calibration(fixture.sequences())
                    .rule(MergeRules.keepFirst())
                    .targetLayers(model.layerCount() - 1);

            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> builder.search(Searches.named("last")).build().apply(model))
                    .withMessageStartingWith(
                            "layers can't be dropped: the plan ends with layer 8, whose attention slides");

            CollapseResult result = builder.search(Searches.best()).build().apply(model);
            Path written = temporary.resolve("model");
            CheckpointWriter.builder().build().write(checkpoint, result, written);
            try (HfCheckpoint reopened = HfCheckpoint.open(written)) {
                assertThat(reopened.model().layerCount()).isEqualTo(model.layerCount() - 1);
            }
        }
    }

    private static List<?> kinds(CausalModel model) {
        ImmutableList.Builder<Object> kinds = ImmutableList.builder();
        for (int layer = 0; layer < model.layerCount(); layer++) {
            kinds.add(model.properties(layer));
        }
        return kinds.build();
    }

    private static void assertSame(CausalModel one, CausalModel other, Calibration batch) {
        try (INDArray hidden = one.hidden(batch, one.layerCount());
                INDArray expected = other.hidden(batch, other.layerCount())) {
            assertThat(hidden.distance2(expected))
                    .isCloseTo(0, within(1e-6 * expected.norm2Number().doubleValue()));
        }
    }
}
