package org.laco.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
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

    @Property
    void keepsEverySourceLayerOnceAndInOrder(
            @ForAll @Size(max = 12) List<@IntRange(min = 0, max = 40) Integer> bases,
            @ForAll @IntRange(min = 1, max = 5) int following) {
        CollapsePlan plan = CollapsePlan.identity(32);
        for (int base : bases) {
            if (base + following < plan.size()) {
                plan = plan.merge(base, following, MergeRules.mean());
            }
        }
        List<Integer> sources =
                plan.sources().stream().flatMap(ImmutableList::stream).toList();

        assertThat(sources)
                .isEqualTo(CollapsePlan.identity(32).sources().stream()
                        .flatMap(ImmutableList::stream)
                        .toList());
    }
}
