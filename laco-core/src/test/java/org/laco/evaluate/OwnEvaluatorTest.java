package org.laco.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.search.Searches;
import org.laco.stack.Calibration;
import org.laco.stack.ForwardingStack;
import org.laco.stack.LayerStack;
import org.laco.stack.ToyStack;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.Precision;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A search whose candidates are scored by an evaluator, or on arithmetic, that isn't the library's own. */
class OwnEvaluatorTest {
    private final ToyStack stack = ToyStack.ofLayers(8);
    private final Calibration calibration =
            Calibration.ofFeatures(Nd4j.createFromArray(new float[][] {{1, 0}, {0.5f, 2}, {-1, 1}}));

    private LayerCollapse.Builder settings() {
        return LayerCollapse.builder().range(1, 8).layersPerMerge(2).interval(1).calibration(calibration);
    }

    @Test
    void findsWhatTheLocalOneFinds() {
        AtomicInteger asked = new AtomicInteger();
        CollapseResult expected = settings().threshold(0.95).build().apply(stack);
        CollapseResult result = settings()
                .threshold(0.95)
                .evaluator((model, sequences, how, passes, fits) ->
                        new Wrapped(LocalEvaluator.of(model, sequences, how, passes, fits), asked, 0))
                .build()
                .apply(stack);

        assertThat(asked.get()).isPositive();
        assertThat(result.plan()).isEqualTo(expected.plan());
        assertThat(result.steps()).isEqualTo(expected.steps());
        assertThat(result.evaluation()).isEqualTo(expected.evaluation());
    }

    @Test
    void isAnErrorWhereItsScoresContradictTheResult() {
        double highest = settings().threshold(0.999999).build().apply(stack).steps().stream()
                .mapToDouble(step -> step.score().orElseThrow().value())
                .max()
                .orElseThrow();
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> settings()
                        .threshold(Math.min(0.9999, highest + 0.004))
                        .evaluator((model, sequences, how, passes, fits) -> new Wrapped(
                                LocalEvaluator.of(model, sequences, how, passes, fits), new AtomicInteger(), 0.005))
                        .build()
                        .apply(stack))
                .withMessageMatching(
                        "the result's cosine is 0\\.\\d+, not above the threshold 0\\.\\d+ that its merges "
                                + "were accepted at: the arithmetic used here is not exact enough for this decision; search again "
                                + "without screening, or with another threshold");
    }

    @Test
    void decidesAsFloat32WhereLowPrecisionIsOffByMoreThanItsUsualError() {
        CollapseResult all = settings().threshold(-1).build().apply(stack);
        double first = all.steps().get(0).score().orElseThrow().value();
        // Between what the first candidate has in float32 and what it has at first sight.
        for (double threshold : new double[] {first - 2e-4, first + 2e-4}) {
            CollapseResult exact = settings().threshold(threshold).build().apply(stack);
            CollapseResult screened = settings()
                    .threshold(threshold)
                    .screening(Screening.bfloat16().withMargin(0.05))
                    .build()
                    .apply(new Blurred(stack));
            assertThat(screened.plan().sources()).isEqualTo(exact.plan().sources());
            assertThat(screened.similarity()).isCloseTo(exact.similarity(), within(1e-7));
        }
    }

    @Test
    void isRefusedForASearchThatDoesNotConfirm() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LayerCollapse.builder()
                        .search(Searches.named("shortgpt"))
                        .targetLayers(6)
                        .calibration(calibration)
                        .screening(Screening.bfloat16())
                        .build()
                        .apply(stack))
                .withMessage(
                        "the search shortgpt doesn't confirm the candidates that it accepts, so they can't be screened in"
                                + " less precision: leave the screening out, or use laco or greedy");
    }

    @Test
    void isRefusedForAStackThatHasOnlyFloat32() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> settings().screening(Screening.bfloat16()).build().apply(stack))
                .withMessage(
                        "candidates can't be screened in bfloat16: this model is computed in float32 only; leave the"
                                + " screening out");
    }

    /** Counts what is asked, and adds an error to every score of a changed model. */
    private static final class Wrapped extends ForwardingEvaluator {
        private final AtomicInteger asked;
        private final double error;

        Wrapped(Evaluator evaluator, AtomicInteger asked, double error) {
            super(evaluator);
            this.asked = asked;
            this.error = error;
        }

        @Override
        public Score confirm(CollapsePlan plan) {
            return off(plan, super.confirm(plan));
        }

        @Override
        public ImmutableList<Score> screen(List<CollapsePlan> plans) {
            asked.addAndGet(plans.size());
            ImmutableList<Score> scores = super.screen(plans);
            ImmutableList.Builder<Score> off = ImmutableList.builder();
            for (int i = 0; i < plans.size(); i++) {
                off.add(off(plans.get(i), scores.get(i)));
            }
            return off.build();
        }

        private Score off(CollapsePlan plan, Score score) {
            return error == 0 || plan.changedLayers().isEmpty()
                    ? score
                    : new Score(score.metric(), score.value() + error, score.perSequence());
        }
    }

    /** A stack whose low precision turns hidden states a little in every layer. */
    private static final class Blurred extends ForwardingStack {
        Blurred(LayerStack exact) {
            super(exact);
        }

        @Override
        public Optional<? extends LayerStack> in(Precision precision) {
            return precision == Precision.FLOAT32
                    ? Optional.of(this)
                    : Optional.of(new ForwardingStack(delegate()) {
                        @Override
                        public INDArray forward(
                                int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
                            INDArray exact = super.forward(layer, weights, hidden, sequences);
                            for (long row = 0; row < exact.size(0); row++) {
                                float x = exact.getFloat(row, 0);
                                exact.putScalar(row, 0, x + 0.02f * exact.getFloat(row, 1));
                                exact.putScalar(row, 1, exact.getFloat(row, 1) - 0.02f * x);
                            }
                            return exact;
                        }
                    });
        }
    }
}
