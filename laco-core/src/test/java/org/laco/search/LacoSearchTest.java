package org.laco.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.laco.evaluate.Batching;
import org.laco.merge.MergeRules;
import org.laco.merge.NormPolicy;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.Precision;

/** The paper's search with scores that are made up. */
class LacoSearchTest {
    private static final SearchSettings SETTINGS =
            new SearchSettings(MergeRules.telescoped(), NormPolicy.FROM_BASE, OptionalInt.empty(), Optional.empty());

    private static SearchLog run(FakeEvaluator evaluator, int layers, LacoSearch search) {
        SearchContext context = evaluator.context(layers, SETTINGS);
        SearchLog log = SearchLog.start(context, CollapseListener.NONE);
        Found found = search.search(context, log);
        assertThat(found.plan()).isEqualTo(log.current());
        assertThat(found.threshold()).hasValue(search.threshold());
        return log;
    }

    private static LacoSearch search(int low, int high, int layersPerMerge, int interval, double threshold) {
        return new LacoSearch(new Schedule(low, OptionalInt.of(high), layersPerMerge, interval), threshold);
    }

    @Test
    void walksFromTheTopDownAndStepsOverTheIntervalAfterAnAcceptance() {
        // Merges at layers 6 and below are too bad; a plan's score is that of its lowest merge.
        FakeEvaluator evaluator = new FakeEvaluator(plan -> lowestMerge(plan) >= 7 ? 0.9 : 0.1);
        SearchLog log = run(evaluator, 12, search(1, 12, 3, 2, 0.5));

        assertThat(log.steps()).extracting(CollapseStep::layer).containsExactly(9, 7, 5, 4, 3, 2, 1);
        assertThat(log.steps()).extracting(CollapseStep::merged).containsExactly(2, 2, 2, 2, 2, 2, 2);
        assertThat(log.steps())
                .extracting(CollapseStep::accepted)
                .containsExactly(true, true, false, false, false, false, false);
        assertThat(log.current().sources().get(7)).isEqualTo(ImmutableList.of(7, 8, 9, 10, 11));
    }

    @Test
    void confirmsWhatLowPrecisionWouldAcceptBeforeItIsAccepted() {
        // 0.615767 in float32, 0.005 more at first sight: above the threshold only there.
        FakeEvaluator exact = new FakeEvaluator(plan -> plan.size() == 4 ? 1 : 0.615767);
        SearchLog expected = run(exact, 4, search(1, 3, 2, 1, 0.6160));
        FakeEvaluator low = exact.screeningIn(Precision.BFLOAT16, 0.01, plan -> 0.005);
        SearchLog screened = run(low, 4, search(1, 3, 2, 1, 0.6160));

        assertThat(expected.current().size()).isEqualTo(4);
        assertThat(screened.current()).isEqualTo(expected.current());
        assertThat(screened.steps()).isEqualTo(expected.steps());
        assertThat(low.confirmed).hasSize(2);
    }

    @Test
    void confirmsWhatLowPrecisionWouldRefuseWithinTheMarginAlsoInABatchOfOne() {
        // The first candidate of a search comes in a batch of one: 0.892130 in float32, 0.005 less at first sight.
        FakeEvaluator exact = new FakeEvaluator(plan -> plan.size() == 4 ? 1 : 0.892130);
        FakeEvaluator low = exact.screeningIn(Precision.BFLOAT16, 0.01, plan -> -0.005);
        SearchLog log = run(low, 4, search(2, 4, 2, 1, 0.89211));

        assertThat(low.batches).containsExactly(1);
        assertThat(log.current().size()).isEqualTo(3);
        assertThat(log.score().precision()).isEqualTo(Precision.FLOAT32);
        assertThat(log.score().value()).isEqualTo(0.892130);
    }

    @Test
    void refusesByLowPrecisionBeyondTheMarginAndSaysSo() {
        FakeEvaluator low = new FakeEvaluator(plan -> plan.size() == 4 ? 1 : 0.5)
                .screeningIn(Precision.BFLOAT16, 0.01, plan -> 0.005);
        SearchLog log = run(low, 4, search(2, 4, 2, 1, 0.8));

        assertThat(low.confirmed).containsExactly(CollapsePlan.identity(4));
        assertThat(log.steps()).hasSize(1);
        assertThat(log.steps().get(0).score().orElseThrow().precision()).isEqualTo(Precision.BFLOAT16);
        assertThat(log.steps().get(0).score().orElseThrow().value()).isEqualTo(0.505);
    }

    @Test
    void confirmsFloat32WhereTheBatchCouldDecide() {
        double threshold = 0.8;
        FakeEvaluator near = new FakeEvaluator(plan -> plan.size() == 4 ? 1 : threshold + 4e-6)
                .screeningIn(Precision.FLOAT32, 1e-5, plan -> -8e-6);
        FakeEvaluator far = new FakeEvaluator(plan -> plan.size() == 4 ? 1 : threshold + 1e-3)
                .screeningIn(Precision.FLOAT32, 1e-5, plan -> -8e-6);

        assertThat(run(near, 4, search(2, 4, 2, 1, threshold)).current().size()).isEqualTo(3);
        // The original is scored by itself in any case.
        assertThat(near.confirmed).hasSize(2);
        assertThat(run(far, 4, search(2, 4, 2, 1, threshold)).current().size()).isEqualTo(3);
        assertThat(far.confirmed).hasSize(1);
    }

    @Test
    void doesNotAcceptAScoreThatEqualsTheThreshold() {
        FakeEvaluator evaluator = new FakeEvaluator(plan -> plan.size() == 4 ? 1 : 0.75);
        assertThat(run(evaluator, 4, search(2, 4, 2, 1, 0.75)).current().size()).isEqualTo(4);
    }

    @Test
    void refusesACandidateThatHasNoScore() {
        FakeEvaluator evaluator = new FakeEvaluator(plan -> plan.size() == 4 ? 1 : Double.NaN);
        assertThat(run(evaluator, 4, search(2, 4, 2, 1, -1)).current().size()).isEqualTo(4);
    }

    @Test
    void scoresAsManyAheadAsWereRefusedInARowAndOneMore() {
        FakeEvaluator evaluator = new FakeEvaluator(plan -> plan.size() == 12 ? 1 : 0.1).batching(Batching.of(4));
        run(evaluator, 12, search(1, 12, 2, 1, 0.5));

        // Ten candidates: after n refusals n + 1 are likely, at most four fit a batch.
        assertThat(evaluator.batches).containsExactly(1, 2, 4, 3);
    }

    @Test
    void findsTheHighestThresholdThatMeetsATargetAndScoresEachCandidateOnce() {
        FakeEvaluator evaluator = new FakeEvaluator(plan -> 1 - 0.03 * (6 - plan.size()));
        SearchSettings toFour =
                new SearchSettings(MergeRules.telescoped(), NormPolicy.FROM_BASE, OptionalInt.of(4), Optional.empty());
        SearchContext context = evaluator.context(6, toFour);
        SearchLog log = SearchLog.start(context, CollapseListener.NONE);
        Found found = new LacoSearch(new Schedule(1, OptionalInt.empty(), 2, 1), 0.5)
                .toTarget()
                .search(context, log);

        assertThat(found.plan().size()).isEqualTo(4);
        // Two merges score 0.94, so that the highest threshold of four places below is 0.9399.
        assertThat(log.findings()).containsEntry("threshold", 0.9399);
        List<CollapsePlan> distinct = evaluator.confirmed.stream().distinct().toList();
        assertThat(evaluator.confirmed).hasSameSizeAs(distinct);
    }

    @Test
    void refusesAThresholdThatIsNoCosine() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LacoSearch(Schedule.defaults(), 1.5))
                .withMessage("the threshold must be from -1 to 1, not 1.5");
    }

    private static int lowestMerge(CollapsePlan plan) {
        return plan.changedLayers().isEmpty()
                ? plan.size()
                : plan.changedLayers().get(0);
    }
}
