package org.laco.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.laco.fit.FitListener;
import org.laco.measure.ChoiceAccuracy;
import org.laco.measure.ChoiceItem;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.measure.Score;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.stack.ToyLanguageStack;

class SampledEvaluatorTest {
    private static final ImmutableList<CollapsePlan> PLANS = ImmutableList.of(
            CollapsePlan.identity(6),
            CollapsePlan.identity(6).merge(1, 2, MergeRules.keepFirst()),
            CollapsePlan.identity(6).merge(4, 1, MergeRules.mean()));

    private final LayerStack stack = ToyLanguageStack.ofLayers(6);
    private final Calibration three =
            Calibration.ofTokens(new int[] {0, 1, 2}, new int[] {2, 2}, new int[] {1, 0, 2, 1});

    private LocalEvaluator evaluator(Calibration calibration, Metric metric) {
        return LocalEvaluator.of(
                stack,
                calibration,
                new EvaluatorSettings(metric, Batching.of(2), Optional.empty()),
                PassListener.NONE,
                new FitListener() {});
    }

    @Test
    void scoresAsAnEvaluatorOfTheFirstSequencesAlone() {
        for (Metric metric : ImmutableList.of(Metrics.cosine(), Metrics.divergence(), Metrics.likelihood())) {
            try (LocalEvaluator whole = evaluator(three, metric);
                    LocalEvaluator alone = evaluator(three.sequences(0, 2), metric)) {
                // Three tokens are all that the model has, so that none is left out.
                Evaluator sampled = whole.sampled(new Sample(6, 3));
                ImmutableList<Score> screened = sampled.screen(PLANS);
                for (int i = 0; i < PLANS.size(); i++) {
                    Score expected = alone.confirm(PLANS.get(i));
                    assertThat(screened.get(i).perSequence()).hasSize(2);
                    assertThat(screened.get(i).value()).isCloseTo(expected.value(), within(1e-6));
                    assertThat(sampled.confirm(PLANS.get(i)).value()).isCloseTo(expected.value(), within(1e-6));
                }
            }
        }
    }

    @Test
    void leavesTheWholeEvaluatorAsItIs() {
        try (LocalEvaluator whole = evaluator(three, Metrics.divergence())) {
            ImmutableList<Score> before = whole.screen(PLANS);
            whole.sampled(new Sample(1, 2)).screen(PLANS);

            assertThat(whole.screen(PLANS)).isEqualTo(before);
            assertThat(before.get(0).metric()).isEqualTo("kl");
        }
    }

    @Test
    void namesItsMetricByTheTokensThatAreToldApart() {
        try (LocalEvaluator whole = evaluator(three, Metrics.divergence())) {
            assertThat(whole.sampled(new Sample(3, 2)).metric().name()).isEqualTo("kl-top2");
            assertThat(whole.sampled(new Sample(3, 2)).batching().size())
                    .as("a third of the rows, three times as many plans for two")
                    .isEqualTo(6);
        }
    }

    @Test
    void takesNoSampleOfQuestionsAndLeavesRoomForOneThatRoundingTips() {
        ImmutableList<ImmutableIntArray> choices = ImmutableList.of(ImmutableIntArray.of(1), ImmutableIntArray.of(2));
        ChoiceAccuracy accuracy = ChoiceAccuracy.of(ImmutableList.of(
                new ChoiceItem(ImmutableIntArray.of(0), choices, ImmutableList.of(), 0, ""),
                new ChoiceItem(ImmutableIntArray.of(1), choices, ImmutableList.of(), 1, "")));
        try (LocalEvaluator whole = evaluator(accuracy.calibration(), accuracy)) {
            assertThat(whole.sampled(new Sample(1, 2))).isSameAs(whole);
            assertThat(whole.tolerance()).isCloseTo(.5 + LocalEvaluator.NOISE, within(1e-12));
            assertThat(whole.evaluate(PLANS.get(1)).figures()).containsKeys("accuracy", "accuracy.share", "kl.mean");
            ImmutableList<Score> screened = whole.screen(PLANS);
            for (int i = 0; i < PLANS.size(); i++) {
                assertThat(whole.confirm(PLANS.get(i)).value())
                        .isCloseTo(screened.get(i).value(), within(1e-6));
            }
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> evaluator(three, accuracy))
                .withMessageStartingWith("the objective accuracy is measured on its questions alone");
    }

    @Test
    void refusesASampleOfNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sample(0, 2))
                .withMessage("a sample has at least one row, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sample(1, 1))
                .withMessage("a sample tells at least two tokens of each row apart, not 1");
    }
}
