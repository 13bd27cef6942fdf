package org.laco.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.FittedSpans;
import org.laco.evaluate.ForwardingEvaluator;
import org.laco.evaluate.LocalEvaluator;
import org.laco.evaluate.Sample;
import org.laco.fit.Fit;
import org.laco.fit.FitCost;
import org.laco.measure.Metrics;
import org.laco.measure.Score;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.stack.Calibration;
import org.laco.stack.ForwardingStack;
import org.laco.stack.LayerStack;
import org.laco.stack.OutputMap;
import org.laco.stack.ToyStack;
import org.nd4j.linalg.factory.Nd4j;

/** Spans that are measured on a sample, fitted where they are in reach, and measured as a whole on everything. */
class SpanSearchTest {
    private static final Sample TWO_ROWS = new Sample(2, 2);
    /** A fit that changes next to nothing, so that the order of spans is the one that they have without it. */
    private static final Fit SLIGHT = Fit.ridge(1e4).tokensPerInput(0);

    /** Layers of which 2, 4 and 6 turn least, by 0.02, 0.03 and 0.05. */
    private final ToyStack stack = ToyStack.turning(0.5, 0.4, 0.02, 0.3, 0.03, 0.6, 0.05);

    private final Calibration calibration = Calibration.ofFeatures(
            Nd4j.createFromArray(new float[][] {{1, 0}, {0.5f, 2}}), Nd4j.createFromArray(new float[][] {{0.3f, -2}}));

    /** Adds an error to what a sample says of a plan, and notes what was asked. */
    private static final class Misled extends ForwardingEvaluator {
        private final ToDoubleFunction<CollapsePlan> error;
        private final ToDoubleFunction<CollapsePlan> here;
        private final List<CollapsePlan> fitted;

        Misled(Evaluator evaluator, ToDoubleFunction<CollapsePlan> error, List<CollapsePlan> fitted) {
            this(evaluator, error, plan -> 0, fitted);
        }

        private Misled(
                Evaluator evaluator,
                ToDoubleFunction<CollapsePlan> error,
                ToDoubleFunction<CollapsePlan> here,
                List<CollapsePlan> fitted) {
            super(evaluator);
            this.error = error;
            this.here = here;
            this.fitted = fitted;
        }

        @Override
        public Evaluator sampled(Sample sample) {
            return new Misled(delegate().sampled(sample), error, error, fitted);
        }

        private ImmutableList<Score> off(List<CollapsePlan> plans, List<Score> scores) {
            List<Score> off = new ArrayList<>();
            for (int i = 0; i < plans.size(); i++) {
                Score score = scores.get(i);
                off.add(new Score(
                        score.metric(), score.value() + here.applyAsDouble(plans.get(i)), score.perSequence()));
            }
            return ImmutableList.copyOf(off);
        }

        @Override
        public Score confirm(CollapsePlan plan) {
            return off(List.of(plan), List.of(delegate().confirm(plan))).get(0);
        }

        @Override
        public ImmutableList<Score> screen(List<CollapsePlan> plans) {
            return off(plans, delegate().screen(plans));
        }

        @Override
        public FittedSpans fittedSpans(Fit fit, int most) {
            FittedSpans spans = delegate().fittedSpans(fit, most);
            return new FittedSpans() {
                @Override
                public Group fit(int layer, List<CollapsePlan> plans, List<Integer> merged) {
                    fitted.addAll(plans);
                    Group group = spans.fit(layer, plans, merged);
                    return new Group() {
                        @Override
                        public ImmutableList<Score> screen(List<CollapsePlan> some) {
                            return off(group.fitted(some), group.screen(some));
                        }

                        @Override
                        public ImmutableList<CollapsePlan> fitted(List<CollapsePlan> some) {
                            return group.fitted(some);
                        }
                    };
                }

                @Override
                public void close() {
                    spans.close();
                }
            };
        }
    }

    private final List<CollapsePlan> fitted = new ArrayList<>();

    private CollapseResult search(
            int layers, int finalists, int inReach, Fit fit, ToDoubleFunction<CollapsePlan> errorOfSample) {
        return LayerCollapse.builder()
                .search(new SpanSearch(0, 3, finalists, MergeRules.keepFirst(), Metrics.cosine(), TWO_ROWS, inReach))
                .fit(fit)
                .targetLayers(layers)
                .calibration(calibration)
                .evaluator((model, sequences, how, passes, fits) ->
                        new Misled(LocalEvaluator.of(model, sequences, how, passes, fits), errorOfSample, fitted))
                .build()
                .apply(stack);
    }

    private static boolean drops(CollapsePlan plan, int layer) {
        return plan.sources().stream().noneMatch(sources -> sources.get(0) == layer);
    }

    @Test
    void asksForWhatStartsAtDifferentLayersAtTheSameTime() {
        List<Integer> atOnce = new ArrayList<>();
        LayerCollapse.builder()
                .search(new SpanSearch(0, 3, 2, MergeRules.keepFirst(), Metrics.cosine()))
                .targetLayers(6)
                .calibration(calibration)
                .evaluator((model, sequences, how, passes, fits) ->
                        new ForwardingEvaluator(LocalEvaluator.of(model, sequences, how, passes, fits)) {
                            @Override
                            public void screenEach(
                                    List<? extends List<CollapsePlan>> lists, Consumer<ImmutableList<Score>> each) {
                                atOnce.add(lists.size());
                                super.screenEach(lists, each);
                            }
                        })
                .build()
                .apply(stack);

        assertThat(atOnce)
                .as("the spans from six layers, three together, and the finalists")
                .containsExactly(2, 2);
    }

    @Test
    void aSampleThatRanksWronglyIsPutRightByTheFinalists() {
        // By the sample dropping layer 2 loses more than dropping layer 4, which isn't so.
        ToDoubleFunction<CollapsePlan> error = plan -> drops(plan, 2) ? -0.0005 : 0;

        assertThat(search(6, 2, 2, SLIGHT, error).plan().sources())
                .as("both are measured on everything")
                .contains(ImmutableList.of(1, 2));
        assertThat(search(6, 1, 1, SLIGHT, error).plan().sources())
                .as("with one finalist the sample decides")
                .contains(ImmutableList.of(3, 4));
    }

    @Test
    void aSampleThatRanksAnythingFarOffLosesIt() {
        ToDoubleFunction<CollapsePlan> error = plan -> drops(plan, 2) ? -0.5 : 0;

        assertThat(search(6, 3, 3, SLIGHT, error).plan().sources())
                .as("the bound of what finalists can put right")
                .contains(ImmutableList.of(3, 4));
    }

    @Test
    void onlySpansOfTheBestCombinationsAreFitted() {
        search(5, 1, 2, SLIGHT, plan -> 0);

        // The best combinations drop layers 2 and 4, and 2 and 6.
        assertThat(fitted)
                .as("three spans, and then again what is left of the finalist's two")
                .extracting(plan -> plan.changedLayers().get(0))
                .startsWith(1, 3, 5)
                .hasSizeBetween(3, 5);
    }

    @Test
    void aFitThatLosesMoreThanNoneIsNotMadeAgain() {
        search(6, 1, 3, SLIGHT, plan -> isFitted(plan) ? 0.1 : 0);

        assertThat(fitted).as("three spans, and the finalist's again").hasSize(4);
        fitted.clear();
        search(6, 1, 3, SLIGHT, plan -> isFitted(plan) ? -0.1 : 0);

        assertThat(fitted).as("the finalist stays as it was merged").hasSize(3);
    }

    @Test
    void theFitsThatSpansWereMeasuredWithAreThoseOfTheFinalists() {
        List<Integer> solutions = new ArrayList<>();
        LayerCollapse.builder()
                .search(new SpanSearch(0, 3, 2, MergeRules.keepFirst(), Metrics.cosine(), TWO_ROWS, 3))
                .fit(Fit.ridge(1e-6).tokensPerInput(0))
                .targetLayers(6)
                .calibration(calibration)
                .listener(new CollapseListener() {
                    @Override
                    public void fitsEnded(FitCost cost) {
                        solutions.add(cost.solutions());
                    }
                })
                .build()
                .apply(stack);

        assertThat(solutions).as("three spans, and the result's layer").containsExactly(3, 1);
    }

    private static boolean isFitted(CollapsePlan plan) {
        return plan.layers().stream().anyMatch(FittedLayer.class::isInstance);
    }

    @Test
    void theRecordNamesTheSample() {
        CollapseResult result = search(6, 1, 3, SLIGHT, plan -> 0);

        assertThat(result.settings().parameters())
                .containsEntry("sampleRows", 2)
                .containsEntry("sampleTokens", 2);
        assertThat(result.steps().get(0).score().orElseThrow().perSequence())
                .as("the first of two sequences")
                .hasSize(1);
        assertThat(result.steps()
                        .get(result.steps().size() - 1)
                        .score()
                        .orElseThrow()
                        .perSequence())
                .as("what is taken is measured on both")
                .hasSize(2);
    }

    @Test
    void withoutAFitEverythingIsMeasuredOnAllSequences() {
        CollapseResult result = LayerCollapse.builder()
                .search(new SpanSearch(0, 3, 1, MergeRules.keepFirst(), Metrics.cosine()))
                .targetLayers(6)
                .calibration(calibration)
                .build()
                .apply(stack);

        assertThat(result.settings().parameters()).doesNotContainKey("sampleRows");
        assertThat(result.steps())
                .allSatisfy(step ->
                        assertThat(step.score().orElseThrow().perSequence()).hasSize(2));
    }

    /** A stack of which some layers can't be fitted. */
    private static final class PartlyFittable extends ForwardingStack {
        private final Set<Integer> unfittable;

        PartlyFittable(LayerStack stack, Integer... unfittable) {
            super(stack);
            this.unfittable = Set.of(unfittable);
        }

        @Override
        public OutputMap outputMap(int layer) {
            if (unfittable.contains(layer)) {
                throw new UnsupportedOperationException("layer " + layer + " can't be refit: experts come last");
            }
            return super.outputMap(layer);
        }
    }

    private CollapseResult fitted(LayerStack model) {
        return LayerCollapse.builder()
                .search(new SpanSearch(0, 3, 1, MergeRules.keepFirst(), Metrics.cosine(), TWO_ROWS, 1))
                .fit(SLIGHT)
                .targetLayers(6)
                .calibration(calibration)
                .build()
                .apply(model);
    }

    @Test
    void leavesRunsAsideWhoseLowestLayerCanNotBeFitted() {
        CollapseResult result = fitted(new PartlyFittable(stack, 1));

        assertThat(result.plan().sources())
                .as("1 and 2 turn least, then 3 and 4")
                .contains(ImmutableList.of(3, 4));
        assertThat(result.steps())
                .filteredOn(step -> step.score().isEmpty())
                .extracting(step -> step.skipped().orElseThrow())
                .containsOnly("layer 1 can't be refit: experts come last");
    }

    @Test
    void saysThatNoRunCanBeFitted() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fitted(new PartlyFittable(stack, 0, 1, 2, 3, 4, 5)))
                .withMessage(
                        "the target of 6 layers can't be met by runs of at most 3 layers from layer 0 up whose lowest layer can"
                                + " be refit");
    }

    @Test
    void refusesFewerCombinationsInReachThanFinalists() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SpanSearch(0, 3, 4, MergeRules.keepFirst(), Metrics.cosine(), TWO_ROWS, 3))
                .withMessage("the runs of 3 combinations are too few to fit for 4 finalists");
    }
}
