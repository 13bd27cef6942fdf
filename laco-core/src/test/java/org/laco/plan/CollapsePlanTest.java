package org.laco.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.laco.merge.MergeRules;

class CollapsePlanTest {
    @Test
    void mergesAMergedLayerAgain() {
        CollapsePlan plan =
                CollapsePlan.identity(6).merge(4, 1, MergeRules.mean()).merge(2, 2, MergeRules.telescoped());

        assertThat(plan.sources())
                .containsExactly(ImmutableList.of(0), ImmutableList.of(1), ImmutableList.of(2, 3, 4, 5));
        assertThat(plan.layers().get(2)).hasToString("telescoped[2, 3, mean[4, 5]]");
        assertThat(plan.unchangedPrefix()).isEqualTo(2);
    }

    @Test
    void refusesLayersThatTheModelDoesNotHave() {
        CollapsePlan plan = CollapsePlan.identity(4);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan.merge(2, 2, MergeRules.mean()))
                .withMessage("layers 2 to 4 can't be merged: the model has layers 0 to 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CollapsePlan.of(4, List.of(SourceLayer.of(0), SourceLayer.of(4))))
                .withMessage("layer 1 of the plan holds source layer 4, but the model has layers 0 to 3");
    }

    @Test
    void tellsTheRuleOfEachMergedLayer() {
        CollapsePlan plan =
                CollapsePlan.identity(6).merge(4, 1, MergeRules.mean()).merge(2, 2, MergeRules.rdsc());

        assertThat(plan.rule(1)).isEmpty();
        assertThat(plan.rule(2)).contains(MergeRules.rdsc());
    }

    @Test
    void refusesAChoiceAmongRulesForALayer() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CollapsePlan.identity(4).merge(1, 2, MergeRules.named("best:rdsc,mean")))
                .withMessage("a layer is merged by one rule, not by a choice such as best:rdsc,mean");
    }

    @RepeatedTest(value = 1000, failureThreshold = 1)
    void keepsEverySourceLayerOnceAndInOrder(RepetitionInfo repetition) {
        int seed = repetition.getCurrentRepetition();
        SplittableRandom random = new SplittableRandom(seed);
        int following = random.nextInt(1, 6);
        CollapsePlan plan = CollapsePlan.identity(32);
        for (int merges = random.nextInt(13); merges > 0; merges--) {
            int base = random.nextInt(41);
            if (base + following < plan.size()) {
                plan = plan.merge(base, following, MergeRules.mean());
            }
        }
        List<Integer> sources =
                plan.sources().stream().flatMap(ImmutableList::stream).toList();

        assertThat(sources)
                .as("seed %s: %s", seed, plan)
                .isEqualTo(CollapsePlan.identity(32).sources().stream()
                        .flatMap(ImmutableList::stream)
                        .toList());
    }
}
