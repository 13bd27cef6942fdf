package org.laco.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.measure.Metrics;
import org.laco.measure.Score;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.ToyStack;
import org.nd4j.linalg.factory.Nd4j;

class TargetedSearchTest {
    private static final MergeRule DROP = MergeRules.keepFirst();

    private final ToyStack stack = ToyStack.ofLayers(8);
    private final Calibration calibration = Calibration.ofFeatures(
            Nd4j.createFromArray(new float[][] {{1, 0}, {0.5f, 2}, {-1, 1}}),
            Nd4j.createFromArray(new float[][] {{0.3f, -2}}));

    private LayerCollapse.Builder builder() {
        return LayerCollapse.builder().calibration(calibration);
    }

    private double similarity(CollapsePlan plan) {
        return builder().build().replay(stack, plan).similarity();
    }

    /** Every plan that removes layers by dropping, layer 0 always kept. */
    private List<CollapsePlan> drops(int removed) {
        List<CollapsePlan> plans = new ArrayList<>();
        for (int kept = 1; kept < 1 << 8; kept += 2) {
            if (Integer.bitCount(kept) == 8 - removed) {
                CollapsePlan plan = CollapsePlan.identity(8);
                for (int layer = 7; layer > 0; layer--) {
                    int run = 0;
                    while ((kept >> layer - run & 1) == 0) {
                        run++;
                    }
                    if (run > 0) {
                        layer -= run;
                        plan = plan.merge(layer, run, MergeRules.keepFirst());
                    }
                }
                plans.add(plan);
            }
        }
        return plans;
    }

    @Test
    void runsFindsTheBestOfAllDropsWhenEveryCombinationIsAFinalist() {
        CollapsePlan best =
                drops(3).stream().max(Comparator.comparing(this::similarity)).orElseThrow();

        CollapseResult result = builder()
                .search(new SpanSearch(0, 4, 1000, DROP, Metrics.cosine()))
                .targetLayers(5)
                .build()
                .apply(stack);

        assertThat(drops(3)).hasSize(35);
        assertThat(result.plan()).isEqualTo(best);
        assertThat(result.similarity()).isCloseTo(similarity(best), within(1e-12));
    }

    @Test
    void runsMeasuresAsAWholeOnlyTheCombinationsOfTheLeastSumOfLosses() {
        CollapseResult result = builder()
                .search(new SpanSearch(0, 4, 2, DROP, Metrics.cosine()))
                .targetLayers(6)
                .build()
                .apply(stack);

        assertThat(result.steps().stream().filter(step -> step.merged() == 2))
                .as(
                        "four of six runs of three layers, two finalists and the one of them that is taken; the others begin with a run of "
                                + "two that loses more than two combinations")
                .hasSize(4 + 3);
        assertThat(result.steps().stream().filter(CollapseStep::accepted)).hasSize(1);
    }

    @Test
    void runsNamesEachSpanOfACombination() {
        // Layers 2 and 5 alone turn little, so the best combination is of two spans.
        ToyStack two = ToyStack.turning(0.5, 0.4, 0.02, 0.3, 0.6, 0.03);

        CollapseResult result = builder()
                .search(new SpanSearch(0, 4, 5, DROP, Metrics.cosine()))
                .targetLayers(4)
                .build()
                .apply(two);

        CollapseStep taken = result.steps().stream()
                .filter(CollapseStep::accepted)
                .findFirst()
                .orElseThrow();
        assertThat(taken.spans()).containsExactly(entry(1, 1), entry(4, 1));
        assertThat(taken.layer()).isEqualTo(1);
        assertThat(taken.merged()).isEqualTo(2);
        assertThat(result.plan().sources()).extracting(List::size).containsExactly(1, 2, 1, 2);
    }

    @Test
    void runsMeasuresNoLongerRunThanOneThatLosesMoreThanAWholePlan() {
        ToyStack turning = ToyStack.ofLayers(8).withWeight(2, new float[][] {{0, -3}, {3, 0}});

        CollapseResult result = builder()
                .search(new SpanSearch(0, 8, 1, DROP, Metrics.cosine()))
                .targetLayers(3)
                .build()
                .apply(turning);

        // Layer 2 turns by 72 degrees, the five others that turn least by 63 together.
        assertThat(result.steps().stream().filter(step -> step.layer() < 2 && !step.accepted()))
                .as(
                        "of the runs that contain it those of two and of three layers, of which the latter can be combined to a plan")
                .filteredOn(step -> step.merged() < 5)
                .hasSize(4)
                .allMatch(step -> step.merged() <= 2);
        assertThat(result.steps().stream()
                        .filter(step -> step.layer() == 2 && step.spans().size() == 1)
                        .map(CollapseStep::merged))
                .as("runs above it till one loses more than two others that remove as much together")
                .containsExactly(1, 2, 3, 4);
        assertThat(result.plan().size()).isEqualTo(3);
    }

    @Test
    void greedyTakesTheMergeThatLosesLeastPerLayer() {
        CollapseResult result = builder()
                .search(new GreedySearch("greedy", 1, 3, MergeRules.telescoped(), Metrics.cosine()))
                .targetLayers(6)
                .build()
                .apply(stack);

        CollapseStep first = result.steps().stream()
                .filter(CollapseStep::accepted)
                .findFirst()
                .orElseThrow();
        double loss = (1 - first.score().orElseThrow().value()) / first.merged();
        for (int layer = 1; layer < 7; layer++) {
            for (int merged = 1; merged <= Math.min(2, 7 - layer); merged++) {
                double other = builder().build().merge(stack, layer, merged).similarity();
                assertThat(loss).isLessThanOrEqualTo((1 - other) / merged + 1e-12);
            }
        }
        assertThat(result.plan().size()).isEqualTo(6);
    }

    @Test
    void laterGreedyStepsAreMeasuredFromTheCurrentModelsHiddenStates() {
        CollapseResult result = builder()
                .search(new GreedySearch("greedy", 0, 2, DROP, Metrics.cosine()))
                .targetLayers(4)
                .build()
                .apply(stack);

        double last = result.steps().stream()
                .filter(CollapseStep::accepted)
                .reduce((one, next) -> next)
                .orElseThrow()
                .score()
                .orElseThrow()
                .value();
        assertThat(similarity(result.plan())).isCloseTo(last, within(1e-7));
    }

    @Test
    void triesSeveralRulesButThoseThatSelectTheSameWeightsOnce() {
        CollapseResult result = builder()
                .search(new GreedySearch(
                        "greedy",
                        1,
                        2,
                        MergeRules.best(MergeRules.telescoped(), MergeRules.rdsc(), MergeRules.mean()),
                        Metrics.cosine()))
                .targetLayers(7)
                .build()
                .apply(stack);

        assertThat(result.steps())
                .as("at m = 1 rdsc is telescoped, so that two rules are left for six base layers")
                .hasSize(2 * 6);
    }

    @Test
    void stepsNameWhatTheyAreComparedBy() {
        CollapseResult result = builder()
                .search(Searches.named("greedy"))
                .objective(Metrics.named("relative-error"))
                .targetLayers(7)
                .build()
                .apply(stack);

        assertThat(result.steps())
                .extracting(step -> step.score().map(Score::metric))
                .containsOnly(Optional.of("relative-error"));
        assertThat(result.evaluation().similarity().metric()).isEqualTo("cosine");
    }

    @Test
    void theScheduleFindsTheHighestThresholdThatMeetsTheTarget() {
        CollapseResult result =
                builder().range(1, 8).layersPerMerge(2).targetLayers(5).build().apply(stack);

        double threshold = (double) result.settings().parameters().get("threshold");
        assertThat(result.plan().size()).isLessThanOrEqualTo(5);
        assertThat(builder()
                        .range(1, 8)
                        .layersPerMerge(2)
                        .threshold(threshold)
                        .build()
                        .apply(stack)
                        .plan())
                .isEqualTo(result.plan());
        assertThat(builder()
                        .range(1, 8)
                        .layersPerMerge(2)
                        .threshold(threshold + 1e-4)
                        .build()
                        .apply(stack)
                        .plan()
                        .size())
                .isGreaterThan(5);
        assertThat(result.settings().parameters()).containsEntry("targetLayers", 5);
    }

    @Test
    void theScheduleSaysWhatItCanReachIfNoThresholdMeetsTheTarget() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .range(5, 8)
                        .layersPerMerge(2)
                        .targetLayers(3)
                        .build()
                        .apply(stack))
                .withMessage(
                        "no threshold leaves 3 layers: the schedule's range, layers per merge and interval leave 7 at"
                                + " least");
    }

    @ParameterizedTest
    @ValueSource(strings = {"runs", "greedy", "shortgpt", "angular", "last"})
    void everySearchLeavesTheTargetsNumberOfLayersAndAPlanThatReplaysToItsSimilarity(String name) {
        CollapseResult result = builder()
                .search(Searches.named(name))
                .objective(Metrics.cosine())
                .targetLayers(6)
                .build()
                .apply(stack);

        assertThat(result.plan().size()).isEqualTo(6);
        assertThat(result.plan().sources().stream().flatMap(List::stream)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(similarity(result.plan())).isEqualTo(result.similarity());
        assertThat(result.evaluation().figures()).containsKeys("cosine.min", "token-cosine.p10", "relative-error.mean");
    }

    private static CollapseResult collapse(ToyStack stack, Search search, int layers, float[]... sequence) {
        return LayerCollapse.builder()
                .calibration(Calibration.ofFeatures(Nd4j.createFromArray(sequence)))
                .search(search)
                .targetLayers(layers)
                .build()
                .apply(stack);
    }

    @Test
    void greedyTakesWhatLosesLeastForEachLayerThatItRemoves() {
        // Layers that turn by these angles leave the cosine of the sum of the angles of those dropped. Layer 1 alone
        // loses
        // 1 − cos 0.04 = 0.0008, layers 2 and 3 lose more, 1 − cos (0.3 − 0.25) = 0.00125, but 0.000625 each.
        ToyStack turning = ToyStack.turning(0.5, 0.04, 0.3, -0.25, 0.6);

        CollapseResult result =
                collapse(turning, new GreedySearch("greedy", 0, 3, DROP, Metrics.cosine()), 3, new float[] {1, 2});

        assertThat(result.plan().sources())
                .containsExactly(ImmutableList.of(0), ImmutableList.of(1, 2, 3), ImmutableList.of(4));
        assertThat(result.similarity()).isCloseTo(Math.cos(0.05), within(1e-6));
    }

    @Test
    void greedyTakesOneLayerWhereTwoWouldLoseMoreForEach() {
        // 1 − cos 0.04 = 0.0008 for layer 1; 1 − cos (0.3 − 0.24) = 0.0018 for layers 2 and 3, 0.0009 each.
        ToyStack turning = ToyStack.turning(0.5, 0.04, 0.3, -0.24, 0.6);

        CollapseResult result =
                collapse(turning, new GreedySearch("greedy", 0, 3, DROP, Metrics.cosine()), 4, new float[] {1, 2});

        assertThat(result.plan().sources())
                .containsExactly(ImmutableList.of(0, 1), ImmutableList.of(2), ImmutableList.of(3), ImmutableList.of(4));
    }

    @Test
    void angularDropsTheTopmostBlockIfItTurnsLeast() {
        CollapseResult result =
                collapse(ToyStack.turning(0.5, 0.4, 0.3, 0.02, 0.01), Searches.named("angular"), 3, new float[] {1, 2});

        assertThat(result.plan().sources())
                .containsExactly(ImmutableList.of(0), ImmutableList.of(1), ImmutableList.of(2, 3, 4));
    }

    @Test
    void angularKeepsTheFirstLayerHoweverLittleItTurns() {
        CollapseResult result =
                collapse(ToyStack.turning(0.01, 0.02, 0.3, 0.4, 0.5), Searches.named("angular"), 3, new float[] {1, 2});

        assertThat(result.plan().sources())
                .as("layers 1 and 2, the lowest block without layer 0")
                .containsExactly(ImmutableList.of(0, 1, 2), ImmutableList.of(3), ImmutableList.of(4));
    }

    @Test
    void angularAsksTheLastTokenOnly() {
        // Layer 1 doubles the second coordinate: (1, 0) stays where it is, (1, 1) turns by 18 degrees to (1, 2). Layer
        // 2
        // turns (1, 0) by 34 degrees to (1.5, 1) and leaves (1, 2) where it is.
        ToyStack uneven = ToyStack.turning(0, 0, 0)
                .withWeight(1, new float[][] {{0, 0}, {0, 1}})
                .withWeight(2, new float[][] {{0.5f, -0.25f}, {1, -0.5f}});

        CollapseResult result = collapse(
                uneven,
                Searches.named("angular"),
                2,
                new float[] {1, 0},
                new float[] {1, 0},
                new float[] {1, 0},
                new float[] {1, 1});

        assertThat(result.plan().sources())
                .as("over all tokens layer 1 would turn less, by 18 / 4 degrees against 34 * 3 / 4")
                .containsExactly(ImmutableList.of(0), ImmutableList.of(1, 2));
    }

    @Test
    void lastDropsTheLastLayers() {
        CollapseResult result =
                builder().search(Searches.named("last")).targetLayers(5).build().apply(stack);

        assertThat(result.plan().sources().get(4)).containsExactly(4, 5, 6, 7);
        assertThat(result.model().tensors(4).get("weight").tensor().name()).isEqualTo("layers.4.weight");
    }

    @Test
    void countsTheShareOfParametersAndTheBytesOverTheWholeModel() {
        // Eight layers of four float32 parameters and nothing outside of them.
        assertThat(builder().targetRatio(0.3).build().apply(stack).plan().size())
                .as("9.6 parameters less are three layers")
                .isEqualTo(5);
        assertThat(builder().targetBytes(100).build().apply(stack).plan().size())
                .as("six layers of 16 bytes")
                .isEqualTo(6);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().targetBytes(15).build().apply(stack))
                .withMessage("the target of 15 bytes can't be met by removing layers: of 8 layers 8 would have to go");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().targetLayers(9).build().apply(stack))
                .withMessage("the target of 9 layers is more than the model has: 8");
    }

    @Test
    void targetsExcludeOneAnotherAndTheThreshold() {
        assertThatIllegalStateException()
                .isThrownBy(() -> builder().targetLayers(6).targetRatio(0.2))
                .withMessage("a target of 6 layers was set already");
        assertThatIllegalStateException()
                .isThrownBy(() -> builder().threshold(0.7).targetLayers(6))
                .withMessage("a threshold and a target of 6 layers exclude one another: with a target the threshold is"
                        + " found");
        assertThatIllegalStateException()
                .isThrownBy(() -> builder().targetBytes(1000).threshold(0.7))
                .withMessage(
                        "a threshold and a target of 1000 bytes exclude one another: with a target the threshold is"
                                + " found");
    }

    @Test
    void aSearchForATargetNeedsOne() {
        assertThatIllegalStateException()
                .isThrownBy(() -> builder().search(Searches.named("greedy")).build())
                .withMessage(
                        "the search greedy needs a target: call targetLayers(…), targetRatio(…) or targetBytes(…)");
    }

    @Test
    void saysWhichSearchesThereAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Searches.named("random"))
                .withMessage("unknown search random, expected one of runs, greedy, laco, shortgpt, angular, streamline,"
                        + " replaceme, replaceme-ridge, sleb, last");
    }

    @Test
    void anObjectiveOfLogitsNeedsALanguageModel() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .search(Searches.named("sleb"))
                        .targetLayers(6)
                        .build()
                        .apply(stack))
                .withMessage("the objective likelihood needs a language model and calibration sequences of tokens");
    }
}
