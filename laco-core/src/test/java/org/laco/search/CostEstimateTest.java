package org.laco.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.merge.MergeRules;
import org.laco.stack.Calibration;
import org.laco.stack.ToyStack;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class CostEstimateTest {
    /** A layer of the toy stack: four float32 elements, two rows of which make one of the calibration. */
    private static final int LAYER_BYTES = 16;

    private static final int LAYER_OPERATIONS = 2 * 2 * 4;

    private final ToyStack stack = ToyStack.ofLayers(12);
    private final LayerCollapse.Builder nothingAccepted = LayerCollapse.builder()
            .calibration(Calibration.ofFeatures(Nd4j.createFromArray(new float[][] {{1, 0}, {0.5f, 2}})))
            .range(1, 12)
            .layersPerMerge(3)
            .threshold(1);

    private static final class Count implements CollapseListener {
        private long calls;
        private long runs;
        private long bytes;

        @Override
        public void layerRead(long read) {
            bytes += read;
        }

        @Override
        public void layerRun(int layer, int candidates) {
            calls++;
            runs += Math.max(1, candidates);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 100})
    void isWhatASearchThatAcceptsNothingCosts(int candidates) {
        Count count = new Count();
        LayerCollapse collapse =
                nothingAccepted.batchSize(candidates).listener(count).build();

        CostEstimate forecast = collapse.estimateCost(stack).orElseThrow();
        CollapseResult result = collapse.apply(stack);

        assertThat(result.layersRemoved()).isZero();
        assertThat(forecast.candidates()).isEqualTo(result.steps().size());
        assertThat(forecast.layerRuns()).isEqualTo(count.runs);
        assertThat(forecast.operations()).isEqualTo((double) LAYER_OPERATIONS * count.runs);
        assertThat(forecast.bytesRead()).isEqualTo(count.bytes).isEqualTo(LAYER_BYTES * count.calls);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 100})
    void countsEveryRuleThatIsTried(int candidates) {
        Count count = new Count();
        LayerCollapse collapse = nothingAccepted
                .rule(MergeRules.best(MergeRules.telescoped(), MergeRules.mean(), MergeRules.rdsc()))
                .batchSize(candidates)
                .listener(count)
                .build();

        CostEstimate forecast = collapse.estimateCost(stack).orElseThrow();
        CollapseResult result = collapse.apply(stack);

        assertThat(result.layersRemoved()).isZero();
        assertThat(forecast.candidates()).isEqualTo(result.steps().size()).isEqualTo(3 * 9);
        assertThat(forecast.layerRuns()).isEqualTo(count.runs);
        assertThat(forecast.bytesRead()).isEqualTo(count.bytes);
    }

    @Test
    void countsEveryLayerThatAMergeReads() {
        Count count = new Count();
        LayerCollapse collapse =
                nothingAccepted.rule(MergeRules.mean()).listener(count).build();
        CostEstimate forecast = collapse.estimateCost(stack).orElseThrow();

        assertThat(collapse.apply(stack).layersRemoved()).isZero();
        assertThat(forecast.bytesRead()).isEqualTo(count.bytes).isGreaterThan(LAYER_BYTES * count.calls);
        // Nine candidates of three layers.
        assertThat(forecast.bytesMerged()).isEqualTo(9 * 3 * LAYER_BYTES);
        assertThat(nothingAccepted
                        .rule(MergeRules.telescoped())
                        .build()
                        .estimateCost(stack)
                        .orElseThrow()
                        .bytesMerged())
                .isZero();
    }

    @Test
    void isTwoPassesOverTheWeightsWithAMemoryBound() {
        Count count = new Count();
        LayerCollapse collapse =
                nothingAccepted.memory(1L << 34).listener(count).build();
        CostEstimate forecast = collapse.estimateCost(stack).orElseThrow();

        assertThat(forecast.batches()).isEqualTo(1);
        assertThat(collapse.apply(stack).layersRemoved()).isZero();
        assertThat(forecast.bytesRead()).isEqualTo(count.bytes).isEqualTo(LAYER_BYTES * count.calls);
        // The original, the layers above the lowest candidate, and the merged layer of each of nine candidates.
        assertThat(count.calls).isEqualTo(12 + 8 + 9);
    }

    @Test
    void beginsWithFewCandidatesWithinAMemoryBoundWhereRowsAreMany() {
        // 100 rows a candidate: two are computed while weights are read, and then the other seven together.
        Count count = new Count();
        LayerCollapse collapse = nothingAccepted
                .calibration(Calibration.ofFeatures(Nd4j.rand(DataType.FLOAT, 100, 2)))
                .memory(1L << 34)
                .listener(count)
                .build();
        CostEstimate forecast = collapse.estimateCost(stack).orElseThrow();

        assertThat(collapse.apply(stack).layersRemoved()).isZero();
        assertThat(forecast.batches()).isEqualTo(2);
        assertThat(forecast.largestBatch()).isEqualTo(7);
        assertThat(forecast.layerRuns()).isEqualTo(count.runs);
        assertThat(forecast.bytesRead()).isEqualTo(count.bytes);
    }

    @Test
    void countsNoRoomForMergingWhereTheRuleTakesWeightsAsTheyAre() {
        CostEstimate selected = nothingAccepted.build().estimateCost(stack).orElseThrow();
        CostEstimate merged = nothingAccepted
                .rule(MergeRules.mean())
                .build()
                .estimateCost(stack)
                .orElseThrow();
        assertThat(selected.peakBytes()).isLessThan(merged.peakBytes());
    }

    @Test
    void refusesAMemoryBoundThatIsTooSmallAndNamesTheSmallestThatWorks() {
        LayerCollapse collapse = nothingAccepted.memory(1_000_000).build();

        Throwable refusal = catchThrowable(() -> collapse.apply(stack));
        assertThat(refusal)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("a memory bound of 1 MB is too small for this model and calibration: "
                        + "the smallest that works is \\d+ MB");

        Matcher smallest = Pattern.compile("(\\d+) MB$").matcher(refusal.getMessage());
        assertThat(smallest.find()).isTrue();
        long bytes = Long.parseLong(smallest.group(1)) * 1_000_000;
        assertThat(nothingAccepted.memory(bytes).build().apply(stack).steps()).hasSize(9);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> nothingAccepted.memory(bytes - 1_000_000).build().apply(stack));
    }

    @Test
    void decidesTheSameWithinEveryMemoryBound() {
        LayerCollapse.Builder settings = nothingAccepted.threshold(0.9);
        CollapseResult unbounded = settings.build().apply(stack);
        CollapseResult bounded = settings.memory(1L << 34).build().apply(stack);

        assertThat(unbounded.layersRemoved()).isPositive();
        assertThat(bounded.plan()).isEqualTo(unbounded.plan());
    }

    @Test
    void isKnownOnlyForThePapersSchedule() {
        LayerCollapse collapse = LayerCollapse.builder()
                .calibration(Calibration.ofTokens(new int[] {1, 2}))
                .search(Searches.named("last"))
                .targetLayers(3)
                .build();

        assertThat(collapse.estimateCost(stack)).isEmpty();
    }
}
