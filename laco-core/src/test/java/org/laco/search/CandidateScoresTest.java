package org.laco.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.laco.merge.MergeRules;
import org.laco.merge.NormPolicy;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.Precision;

/** Candidates that differ in their rule alone, with scores that are made up. */
class CandidateScoresTest {
    private static final CollapsePlan FIRST = CollapsePlan.identity(4).merge(1, 1, MergeRules.keepFirst());
    private static final CollapsePlan MEAN = CollapsePlan.identity(4).merge(1, 1, MergeRules.mean());
    private static final CollapsePlan RDSC = CollapsePlan.identity(4).merge(1, 1, MergeRules.rdsc());

    private static double exact(CollapsePlan plan) {
        return plan.equals(FIRST) ? 0.9 : plan.equals(MEAN) ? 0.902 : plan.equals(RDSC) ? 0.7 : 1;
    }

    private static CollapsePlan best(FakeEvaluator evaluator, SearchLog[] log) {
        SearchContext context = evaluator.context(
                4,
                new SearchSettings(MergeRules.keepFirst(), NormPolicy.FROM_BASE, OptionalInt.of(3), Optional.empty()));
        log[0] = SearchLog.start(context, CollapseListener.NONE);
        evaluator.confirmed.clear();
        return context.scores().best(List.of(FIRST, MEAN, RDSC), 1, 1, log[0]);
    }

    @Test
    void theRuleThatIsBestInFloat32WinsAgainstOneThatIsAtFirstSight() {
        FakeEvaluator low = new FakeEvaluator(CandidateScoresTest::exact)
                .screeningIn(Precision.BFLOAT16, 0.01, plan -> plan.equals(FIRST) ? 0.004 : -0.004);
        SearchLog[] log = new SearchLog[1];

        assertThat(best(low, log)).isEqualTo(MEAN);
        assertThat(low.confirmed).as("what the tolerance could put first").containsExactlyInAnyOrder(FIRST, MEAN);
        assertThat(log[0].steps())
                .as("the others, as refused")
                .extracting(step -> step.score().orElseThrow().value())
                .containsExactly(0.9, 0.7 - 0.004);
    }

    @Test
    void ofEqualOnesTheFirstIsTaken() {
        assertThat(best(new FakeEvaluator(plan -> 0.5), new SearchLog[1])).isEqualTo(FIRST);
    }
}
