package org.laco.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.Iterables;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.evaluate.LocalEvaluator;
import org.laco.measure.Metrics;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.ToyStack;
import org.nd4j.linalg.factory.Nd4j;

class ChoiceOfRulesTest {
    private static final List<MergeRule> RULES = List.of(
            MergeRules.keepFirst(),
            MergeRules.telescoped(),
            MergeRules.rdsc(),
            MergeRules.mean(),
            MergeRules.dampedRdsc(0.5),
            MergeRules.normPreserving(MergeRules.rdsc()));

    private static final MergeRule BEST = MergeRules.best(RULES.toArray(new MergeRule[0]));

    private final ToyStack stack = ToyStack.ofLayers(9);
    private final Calibration calibration =
            Calibration.ofFeatures(Nd4j.createFromArray(new float[][] {{1, 0}, {0.5f, 2}, {-1, 1}}));

    private LayerCollapse.Builder builder() {
        return LayerCollapse.builder().calibration(calibration);
    }

    private double similarity(CollapsePlan plan) {
        return builder().build().replay(stack, plan).similarity();
    }

    @Test
    void theScheduleGoesOnWithTheMostSimilarRuleAtEachBaseLayer() {
        CollapseResult result = builder()
                .rule(BEST)
                .range(1, 9)
                .layersPerMerge(3)
                .interval(2)
                .threshold(0.9)
                .build()
                .apply(stack);

        // The schedule by hand, every rule measured by itself.
        CollapsePlan current = CollapsePlan.identity(9);
        for (int layer = 6; layer >= 1; ) {
            CollapsePlan before = current;
            int base = layer;
            CollapsePlan best = RULES.stream()
                    .map(rule -> before.merge(base, 2, rule))
                    .max(Comparator.comparing(this::similarity))
                    .orElseThrow();
            boolean accepted = similarity(best) > 0.9;
            current = accepted ? best : current;
            layer -= accepted ? 2 : 1;
        }
        assertThat(result.plan()).isEqualTo(current);
        assertThat(result.layersRemoved()).isPositive();
        assertThat(similarity(result.plan())).isEqualTo(result.similarity());
    }

    @Test
    void everyRuleOfAMergeIsOnRecord() {
        CollapseResult result = builder().rule(BEST).build().merge(stack, 4, 2);

        CollapseStep last = Iterables.getLast(result.steps());
        assertThat(result.steps())
                .extracting(CollapseStep::rule)
                .containsExactlyInAnyOrderElementsOf(
                        RULES.stream().map(Optional::of).toList());
        assertThat(result.steps())
                .extracting(CollapseStep::accepted)
                .endsWith(true)
                .containsOnlyOnce(true);
        assertThat(last.rule()).isEqualTo(result.plan().rule(4));
        assertThat(result.steps())
                .allSatisfy(step -> assertThat(step.score().orElseThrow().value())
                        .isCloseTo(
                                similarity(CollapsePlan.identity(9)
                                        .merge(4, 2, step.rule().orElseThrow())),
                                within(LocalEvaluator.NOISE))
                        .isLessThanOrEqualTo(last.score().orElseThrow().value() + LocalEvaluator.NOISE));
        assertThat(result.settings().rule()).isEqualTo(BEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"runs", "greedy", "laco", "shortgpt", "angular", "last"})
    void everySearchMergesByTheRuleThatIsAskedFor(String name) {
        LayerCollapse.Builder settings = builder()
                .search(Searches.named(name))
                .objective(Metrics.cosine())
                .targetLayers(6);

        CollapseResult mean = settings.rule(MergeRules.mean()).build().apply(stack);
        CollapseResult best = settings.rule(MergeRules.best(MergeRules.mean(), MergeRules.rdsc()))
                .build()
                .apply(stack);

        assertThat(mean.plan().changedLayers())
                .isNotEmpty()
                .allSatisfy(layer -> assertThat(mean.plan().rule(layer)).contains(MergeRules.mean()));
        assertThat(mean.steps()).extracting(CollapseStep::rule).containsOnly(Optional.of(MergeRules.mean()));
        assertThat(best.plan().changedLayers()).isNotEmpty().allSatisfy(layer -> assertThat(
                        best.plan().rule(layer).orElseThrow())
                .isIn(MergeRules.mean(), MergeRules.rdsc()));
        assertThat(best.steps()).extracting(CollapseStep::rule).contains(Optional.of(MergeRules.rdsc()));
        assertThat(similarity(best.plan())).isCloseTo(best.similarity(), within(1e-7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"runs", "shortgpt", "angular", "last"})
    void searchesThatDropSayThatTheyKeepTheFirstLayer(String name) {
        assertThat(builder()
                        .search(Searches.named(name))
                        .objective(Metrics.cosine())
                        .targetLayers(6)
                        .build()
                        .apply(stack)
                        .settings()
                        .rule())
                .isEqualTo(MergeRules.keepFirst());
    }
}
