package org.laco.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.laco.measure.Metrics;
import org.laco.merge.MergeRules;
import org.laco.merge.NormPolicy;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.Precision;

/** The greedy search with scores that are made up. */
class GreedySearchTest {
    private static SearchLog run(FakeEvaluator evaluator, int layers, int layersPerMerge, int target) {
        return run(evaluator, layers, layersPerMerge, target, CollapseListener.NONE);
    }

    private static SearchLog run(
            FakeEvaluator evaluator, int layers, int layersPerMerge, int target, CollapseListener listener) {
        SearchContext context = evaluator.context(
                layers,
                new SearchSettings(
                        MergeRules.keepFirst(), NormPolicy.FROM_BASE, OptionalInt.of(target), Optional.empty()));
        SearchLog log = SearchLog.start(context, listener);
        new GreedySearch("greedy", 0, layersPerMerge, MergeRules.keepFirst(), Metrics.cosine()).search(context, log);
        return log;
    }

    @Test
    void comparesLossesPerLayerRemoved() {
        // One layer less at 0 costs 0.1; three less at 1 cost 0.24, 0.08 each.
        FakeEvaluator evaluator =
                new FakeEvaluator(plan -> switch (plan.sources().toString()) {
                    case "[[0], [1], [2], [3], [4]]" -> 1;
                    case "[[0, 1], [2], [3], [4]]" -> 0.9;
                    case "[[0], [1, 2, 3, 4]]" -> 0.76;
                    default -> 0.1;
                });
        assertThat(run(evaluator, 5, 4, 2).current().sources().toString()).isEqualTo("[[0], [1, 2, 3, 4]]");
    }

    @Test
    void acceptsWhatIsBestInFloat32AndRecordsNoRefusedOneAboveIt() {
        // At first sight layer 0 is best by 0.006; in float32 layer 2 is.
        FakeEvaluator low = new FakeEvaluator(plan -> plan.size() == 4 ? 1 : base(plan) == 2 ? 0.902 : 0.9)
                .screeningIn(Precision.BFLOAT16, 0.01, plan -> base(plan) == 0 ? 0.004 : -0.004);
        SearchLog log = run(low, 4, 2, 3);

        assertThat(base(log.current())).isEqualTo(2);
        assertThat(log.score().value()).isEqualTo(0.902);
        assertThat(log.score().precision()).isEqualTo(Precision.FLOAT32);
        assertThat(log.steps())
                .allSatisfy(
                        step -> assertThat(step.score().orElseThrow().value()).isLessThanOrEqualTo(0.902));
    }

    @Test
    void confirmsOnlyWhatTheToleranceCouldPutFirst() {
        // Scores of one layer less are 0.9, 0.885 and 0.8: within 0.01 each, the second could be the best and the third
        // couldn't.
        FakeEvaluator low = new FakeEvaluator(
                        plan -> plan.size() == 4 ? 1 : 0.9 - new double[] {0, 0.015, 0.1}[base(plan)])
                .screeningIn(Precision.BFLOAT16, 0.01, plan -> 0);
        run(low, 4, 2, 3);

        assertThat(low.confirmed.stream().filter(plan -> plan.size() == 3))
                .extracting(GreedySearchTest::base)
                .containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void startsEachRoundFromTheExactScoreOfTheCurrentModel() {
        FakeEvaluator low = new FakeEvaluator(plan -> 1 - 0.05 * (5 - plan.size()))
                .screeningIn(Precision.BFLOAT16, 0.01, plan -> 0.004);
        SearchLog log = run(low, 5, 2, 3);

        assertThat(log.steps().stream().filter(CollapseStep::accepted))
                .extracting(step -> step.score().orElseThrow().value())
                .containsExactly(0.95, 0.9);
    }

    /** A candidate runs its merged layer and the layers above it. */
    @ParameterizedTest
    @CsvSource({"2, '16, 6'", "3, '22, 6'", "4, '22, 6'"})
    void saysBeforeEachRoundHowOftenLayersAreRunIfEachMergeRemovesOne(int layersPerMerge, String expected) {
        List<Long> told = new ArrayList<>();
        // Single layers cost less than pairs, so that there are two rounds.
        run(
                new FakeEvaluator(plan -> plan.changedLayers().stream()
                                .anyMatch(layer -> plan.sources().get(layer).size() > 2)
                        ? 0
                        : 1 - 0.05 * (5 - plan.size())),
                5,
                layersPerMerge,
                3,
                new CollapseListener() {
                    @Override
                    public void expected(long layerRuns) {
                        told.add(layerRuns);
                    }
                });
        assertThat(told).extracting(String::valueOf).containsExactly(expected.split(", "));
    }

    @Test
    void ranksACandidateWithoutAScoreLast() {
        FakeEvaluator evaluator = new FakeEvaluator(plan -> plan.size() == 3 ? 1 : base(plan) == 0 ? Double.NaN : -0.5);
        assertThat(base(run(evaluator, 3, 2, 2).current())).isEqualTo(1);
    }

    private static int base(CollapsePlan plan) {
        return plan.changedLayers().isEmpty() ? -1 : plan.changedLayers().get(0);
    }
}
