package org.laco.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.fit.FitListener;
import org.laco.measure.Metrics;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.merge.NormPolicy;
import org.laco.plan.CollapsePlan;
import org.laco.plan.MergedLayer;
import org.laco.plan.SourceLayer;
import org.laco.stack.Calibration;
import org.laco.stack.ForwardingStack;
import org.laco.stack.LayerCompatibility;
import org.laco.stack.LayerStack;
import org.laco.stack.ToyStack;
import org.nd4j.linalg.factory.Nd4j;

/** Models in which each fourth layer is of another kind than the three before it, also in the shape of its weight. */
class AlternatingKindsTest {
    private final ToyStack stack = ToyStack.ofLayers(8).withKinds("a", "a", "a", "b", "a", "a", "a", "b");
    private final Calibration calibration = Calibration.ofFeatures(
            Nd4j.createFromArray(new float[][] {{1, 0}, {0.5f, 2}, {-1, 1}}),
            Nd4j.createFromArray(new float[][] {{0.3f, -2}}));

    private CollapseResult search(LayerStack model, Search search, int layers) {
        return LayerCollapse.builder()
                .calibration(calibration)
                .search(search)
                .targetLayers(layers)
                .build()
                .apply(model);
    }

    private static Search runs(MergeRule rule) {
        return new SpanSearch(0, 8, 3, rule, Metrics.cosine());
    }

    @ParameterizedTest
    @ValueSource(strings = {"greedy", "shortgpt", "angular", "streamline", "last"})
    void areShortenedByEverySearchWithATarget(String search) {
        CollapseResult result = search(stack, Searches.named(search), 4);

        assertThat(result.plan().size()).isEqualTo(4);
        assertThat(result.model().layerCount()).isEqualTo(4);
    }

    @Test
    void loseAWholePeriodByARunThatKeepsItsLowestLayer() {
        CollapsePlan plan = CollapsePlan.identity(8).merge(3, 4, MergeRules.keepFirst());

        assertThat(LayerCompatibility.difference(stack, plan.layers().get(3))).isEmpty();
        assertThat(LayerCollapse.builder()
                        .calibration(calibration)
                        .build()
                        .replay(stack, plan)
                        .model()
                        .properties(3))
                .isEqualTo(stack.properties(3));
    }

    @Test
    void mergeLayersOfOneKindAtADistanceAndLeaveOutThoseBetween() {
        MergedLayer merged = (MergedLayer) spans(3, 4).layers().get(3);

        assertThat(merged.rule()).isEqualTo(MergeRules.mean());
        assertThat(merged.sources()).containsExactly(3, 4, 5, 6, 7);
        assertThat(merged.parts()).containsExactly(dropped(3, 4, 5, 6), SourceLayer.of(7));
        assertThat(LayerCompatibility.difference(stack, merged)).isEmpty();
    }

    @Test
    void leaveOutTheLayersAboveWhereNoneOfTheirKindFollows() {
        assertThat(spans(3, 2).layers().get(3)).isEqualTo(dropped(3, 4, 5));
        assertThat(spans(1, 2).layers().get(1))
                .isEqualTo(new MergedLayer(
                        MergeRules.mean(), NormPolicy.FROM_BASE, ImmutableList.of(SourceLayer.of(1), dropped(2, 3))));
    }

    @Test
    void areShortenedByRunsOfAnyRule() {
        CollapseResult result = search(stack, runs(MergeRules.mean()), 3);
        CollapseResult dropping = search(stack, runs(MergeRules.keepFirst()), 4);

        assertThat(result.plan().size()).isEqualTo(3);
        assertThat(result.plan().sources().stream().flatMap(ImmutableList::stream))
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(dropping.plan().size()).isEqualTo(4);
    }

    @Test
    void keepALayerThatHasToStay() {
        LayerStack fixed = new ForwardingStack(stack) {
            @Override
            public Optional<String> reasonToStay(int layer) {
                return layer == 2 ? Optional.of("something else reads it") : Optional.empty();
            }
        };

        assertThat(search(fixed, runs(MergeRules.keepFirst()), 3).plan().layers())
                .anyMatch(layer -> layer.base().equals(SourceLayer.of(2)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> search(fixed, Searches.named("last"), 2))
                .withMessageContaining("layer 2 can't be left out: something else reads it");
    }

    /** A model that can only be described if its last layer is one of those of the other kind, as Gemma 4's is. */
    private LayerStack endingInB() {
        return new ForwardingStack(stack) {
            @Override
            public Optional<String> reasonAgainst(CollapsePlan plan) {
                int last = plan.layers().get(plan.size() - 1).base().index();
                return last % 4 == 3 ? Optional.empty() : Optional.of("the plan ends with layer " + last);
            }
        };
    }

    @Test
    void leaveOutPlansThatCannotBeWrittenWhileTheySearch() {
        for (Search search : new Search[] {Searches.named("greedy"), runs(MergeRules.keepFirst())}) {
            CollapsePlan plan = search(endingInB(), search, 5).plan();

            assertThat(plan.layers().get(plan.size() - 1).base().index() % 4).isEqualTo(3);
        }
    }

    @Test
    void refuseToDropLayersIfWhatIsLeftCannotBeWritten() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> search(endingInB(), Searches.named("last"), 6))
                .withMessage("layers can't be dropped: the plan ends with layer 5");
        assertThat(search(endingInB(), Searches.named("last"), 4).plan().size()).isEqualTo(4);
    }

    private CollapsePlan spans(int layer, int following) {
        SearchContext context = SearchContext.of(
                stack,
                calibration,
                new FakeEvaluator(plan -> 1),
                new SearchSettings(MergeRules.mean(), NormPolicy.FROM_BASE, OptionalInt.empty(), Optional.empty()),
                Measurements.create(),
                FitListener.NONE);
        return context.spans(context.original(), layer, following).get(0);
    }

    private static MergedLayer dropped(Integer... layers) {
        return new MergedLayer(
                MergeRules.keepFirst(),
                NormPolicy.FROM_BASE,
                ImmutableList.copyOf(layers).stream().map(SourceLayer::of).collect(ImmutableList.toImmutableList()));
    }
}
