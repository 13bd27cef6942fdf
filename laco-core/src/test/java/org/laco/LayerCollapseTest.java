package org.laco;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.merge.MergeRules;
import org.laco.search.CollapseListener;
import org.laco.search.CollapseStep;
import org.laco.search.Searches;
import org.laco.stack.Calibration;
import org.laco.stack.ToyStack;
import org.nd4j.linalg.factory.Nd4j;

class LayerCollapseTest {
    private final Calibration calibration =
            Calibration.ofFeatures(Nd4j.createFromArray(new float[][] {{1, 0}, {0.5f, 2}}));

    private LayerCollapse.Builder builder() {
        return LayerCollapse.builder().calibration(calibration);
    }

    @Test
    void acceptsACandidateOnlyAboveTheThreshold() {
        ToyStack stack = ToyStack.ofLayers(6);
        double best = builder()
                .range(3, 6)
                .layersPerMerge(3)
                .threshold(-1)
                .build()
                .apply(stack)
                .steps()
                .get(0)
                .score()
                .orElseThrow()
                .value();

        assertThat(builder()
                        .range(3, 6)
                        .layersPerMerge(3)
                        .threshold(best)
                        .build()
                        .apply(stack)
                        .layersRemoved())
                .as("a similarity equal to the threshold is not above it")
                .isZero();
        assertThat(builder()
                        .range(3, 6)
                        .layersPerMerge(3)
                        .threshold(Math.nextDown(best))
                        .build()
                        .apply(stack)
                        .layersRemoved())
                .isEqualTo(2);
    }

    @Test
    void movesDownByTheIntervalAfterAnAcceptedMergeAndByOneAfterARefusedOne() {
        ToyStack stack = ToyStack.ofLayers(10);

        assertThat(bases(builder()
                        .range(1, 10)
                        .layersPerMerge(3)
                        .interval(2)
                        .threshold(-1)
                        .build()
                        .apply(stack)))
                .containsExactly(7, 5, 3, 1);
        assertThat(bases(builder()
                        .range(4, 10)
                        .layersPerMerge(3)
                        .interval(2)
                        .threshold(1)
                        .build()
                        .apply(stack)))
                .containsExactly(7, 6, 5, 4);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7, 100})
    void decidesTheSameHoweverManyCandidatesAreMeasuredAtOnce(int candidates) {
        ToyStack stack = ToyStack.ofLayers(16);
        LayerCollapse.Builder settings =
                builder().range(0, 16).layersPerMerge(3).interval(2).threshold(0.9);
        CollapseResult alone = settings.batchSize(1).build().apply(stack);
        CollapseResult together = settings.batchSize(candidates).build().apply(stack);

        assertThat(alone.layersRemoved()).isPositive();
        assertThat(alone.steps()).extracting(CollapseStep::accepted).contains(false);
        assertThat(together.plan()).isEqualTo(alone.plan());
        assertThat(bases(together)).isEqualTo(bases(alone));
        for (int i = 0; i < alone.steps().size(); i++) {
            assertThat(together.steps().get(i).score().orElseThrow().value())
                    .isCloseTo(alone.steps().get(i).score().orElseThrow().value(), within(1e-7));
        }
    }

    @Test
    void runsALayerOnceForAllCandidatesThatShareIt() {
        List<String> runs = new ArrayList<>();
        builder()
                .range(0, 5)
                .layersPerMerge(2)
                .threshold(1)
                .listener(new CollapseListener() {
                    @Override
                    public void layerRun(int layer, int candidates) {
                        if (candidates > 0) {
                            runs.add(candidates + "@" + layer);
                        }
                    }
                })
                .build()
                .apply(ToyStack.ofLayers(5));

        // First the candidate at 3 alone. Then those at 2 and 1, which run a layer of their own each, meet at the
        // topmost one, and
        // run it together. Then the one at 0, the last that is left.
        assertThat(runs).containsExactly("1@3", "1@1", "1@2", "1@2", "2@3", "1@0", "1@1", "1@2", "1@3");
    }

    @Test
    void mergesFewerLayersWhereTheModelEndsSoonAboveTheBase() {
        CollapseResult result = builder()
                .range(0, 4)
                .layersPerMerge(3)
                .interval(1)
                .threshold(-1)
                .build()
                .apply(ToyStack.ofLayers(4));

        assertThat(result.steps()).extracting(CollapseStep::layer).containsExactly(1, 0);
        assertThat(result.steps()).extracting(CollapseStep::merged).containsExactly(2, 1);
        assertThat(result.plan().sources()).containsExactly(ImmutableList.of(0, 1, 2, 3));
    }

    private static List<Integer> bases(CollapseResult result) {
        return result.steps().stream().map(CollapseStep::layer).toList();
    }

    @Test
    void measuresTheCosineOfTheFlattenedOutputs() {
        // One layer turns by w = 0.05 (i + 1): x + x wᵀ is (1 + i w) x in complex numbers, so the outputs differ by an
        // angle.
        ToyStack stack = ToyStack.ofLayers(2);
        CollapseResult result = builder().build().merge(stack, 0, 1);

        double angle = Math.atan(0.05);
        assertThat(result.similarity()).isCloseTo(Math.cos(angle), within(1e-7));
        assertThat(result.steps()).singleElement().satisfies(step -> {
            assertThat(step.accepted()).isTrue();
            assertThat(step.merged()).isEqualTo(1);
        });
    }

    @Test
    void leavesItsArgumentUntouched() {
        ToyStack stack = ToyStack.ofLayers(5);
        CollapseResult result =
                builder().range(0, 5).layersPerMerge(3).threshold(-1).build().apply(stack);

        assertThat(result.original()).isSameAs(stack);
        assertThat(stack.layerCount()).isEqualTo(5);
        assertThat(result.model().layerCount()).isEqualTo(result.plan().size()).isLessThan(5);
    }

    @Test
    void replaysAPlanToTheSimilarityThatTheSearchFound() {
        ToyStack stack = ToyStack.ofLayers(8);
        CollapseResult found = builder()
                .range(0, 8)
                .layersPerMerge(3)
                .threshold(0.2)
                .rule(MergeRules.mean())
                .build()
                .apply(stack);

        assertThat(found.layersRemoved()).isPositive();
        assertThat(builder().build().replay(stack, found.plan()).similarity())
                .isCloseTo(found.similarity(), within(1e-9));
    }

    @Test
    void skipsACandidateOfLayersThatDifferInKindAndSaysWhy() {
        ToyStack stack = ToyStack.ofLayers(4).withKinds("a", "a", "a", "b");
        CollapseResult result = builder()
                .range(1, 4)
                .layersPerMerge(2)
                .interval(1)
                .threshold(-1)
                .build()
                .apply(stack);

        assertThat(result.steps().get(0).skipped()).contains("layers 2 and 3 differ in kind: a and b");
        assertThat(result.steps().get(0).score()).isEmpty();
        assertThat(result.plan().sources())
                .containsExactly(ImmutableList.of(0), ImmutableList.of(1, 2), ImmutableList.of(3));
    }

    @Test
    void refusesADirectMergeOfLayersThatDifferInShape() {
        ToyStack stack = ToyStack.ofLayers(3).withWeight(2, new float[][] {{1, 2, 3}});

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().build().merge(stack, 1, 1))
                .withMessageContaining("layers 1 and 2 differ in tensor weight: F32[2, 2] and F32[1, 3]");
    }

    @Test
    void saysWhichLayerOfTheOriginalIsNotFinite() {
        ToyStack stack = ToyStack.ofLayers(3).withWeight(1, new float[][] {{Float.NaN, 0}, {0, 0}});

        assertThatThrownBy(() -> builder().range(0, 3).layersPerMerge(2).build().apply(stack))
                .isInstanceOf(ArithmeticException.class)
                .hasMessageContaining("the hidden states that leave layer 1 of the original model are not finite");
    }

    @Test
    void throwsWithItsStepsSoFarWhenItIsInterrupted() {
        List<CollapseStep> seen = new ArrayList<>();
        CollapseListener interrupting = new CollapseListener() {
            @Override
            public void decided(CollapseStep step, int layers) {
                seen.add(step);
                if (seen.size() == 2) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        LayerCollapse collapse = builder()
                .range(0, 9)
                .layersPerMerge(3)
                .threshold(-1)
                .listener(interrupting)
                .build();

        assertThatThrownBy(() -> collapse.apply(ToyStack.ofLayers(9)))
                .isInstanceOfSatisfying(CollapseCancelledException.class, cancelled -> {
                    assertThat(cancelled.partial().steps()).isEqualTo(seen).hasSize(2);
                    assertThat(cancelled.partial().layersRemoved()).isEqualTo(4);
                })
                .isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).as("the interrupt was taken").isFalse();
    }

    @Test
    void refusesStatesThatMakeNoSenseAtTheCall() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LayerCollapse.builder().range(5, 5))
                .withMessage("the range [5, 5] is empty: low must be below high");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LayerCollapse.builder().layersPerMerge(1))
                .withMessage("a merge takes at least 2 layers, not 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LayerCollapse.builder().interval(0))
                .withMessage("the interval must be at least 1, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LayerCollapse.builder().threshold(Double.NaN))
                .withMessage("the threshold must be from -1 to 1, not NaN");
        assertThatIllegalStateException()
                .isThrownBy(() -> LayerCollapse.builder().build())
                .withMessage("a calibration is needed: call calibration(…) before build()");
        assertThatIllegalStateException()
                .isThrownBy(() -> LayerCollapse.builder().interval(1).search(Searches.named("greedy")))
                .withMessageContaining("belong to the paper's schedule");
    }

    @Test
    void refusesAModelThatTheRangeDoesNotFit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().range(1, 9).build().apply(ToyStack.ofLayers(8)))
                .withMessage(
                        "the range [1, 9] is outside the model, which has 8 layers: its high end may be at most 8");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> builder().range(6, 8).layersPerMerge(4).build().apply(ToyStack.ofLayers(8)))
                .withMessage("merges of 4 layers do not fit the range [6, 8]: at most 2 layers fit");
    }
}
