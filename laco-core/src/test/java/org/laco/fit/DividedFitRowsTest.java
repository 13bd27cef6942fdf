package org.laco.fit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.stack.ToyStack;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DividedFitRowsTest {
    private final LayerStack stack = ToyStack.ofLayers(6);
    private final Calibration sequences = sequences();
    private final CollapsePlan plan =
            CollapsePlan.identity(6).merge(3, 1, MergeRules.keepFirst()).merge(1, 1, MergeRules.keepFirst());

    private static Calibration sequences() {
        INDArray[] sequences = new INDArray[24];
        for (int i = 0; i < sequences.length; i++) {
            sequences[i] = Nd4j.randn((long) i, new long[] {5 + i % 4, 2});
        }
        return Calibration.ofFeatures(sequences);
    }

    /** Workers that are asked in the wrong order, and of which one begins anew now and then. */
    private final class Others implements FitWorkers {
        private final int count;
        private final Fit refit;
        private final Map<ImmutableList<Integer>, FitWorker> workers = new HashMap<>();
        private final List<FitQuestion.Kind> asked = new ArrayList<>();
        private final List<FittedTensor> kept = new ArrayList<>();
        private final Map<String, FittedTensor> copies = new HashMap<>();
        private boolean closed;

        Others(int count, Fit refit) {
            this.count = count;
            this.refit = refit;
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public void ask(List<FitQuestion> questions, Consumer<FitAnswer> each) {
            FitAnswer[] answers = new FitAnswer[questions.size()];
            for (int i = answers.length - 1; i >= 0; i--) {
                FitQuestion question = questions.get(i);
                asked.add(question.kind());
                if (asked.size() % 5 == 0) {
                    lose(question.share());
                }
                answers[i] = workers.computeIfAbsent(question.share(), share -> new FitWorker(stack, sequences, refit))
                        .answer(received(question));
            }
            List.of(answers).forEach(each);
        }

        /** A question with the values as they were taken. */
        private FitQuestion received(FitQuestion sent) {
            return new FitQuestion(
                    sent.kind(),
                    sent.plans().stream().map(this::received).collect(ImmutableList.toImmutableList()),
                    sent.layer(),
                    sent.step(),
                    sent.share(),
                    sent.batches(),
                    sent.from(),
                    sent.to());
        }

        private CollapsePlan received(CollapsePlan plan) {
            List<PlannedLayer> layers = new ArrayList<>();
            for (PlannedLayer layer : plan.layers()) {
                layers.add(
                        layer instanceof FittedLayer fitted
                                ? new FittedLayer(
                                        fitted.layer(),
                                        ImmutableMap.copyOf(Maps.transformValues(
                                                fitted.tensors(),
                                                tensor -> copies.getOrDefault(tensor.sha256(), tensor))))
                                : layer);
            }
            return CollapsePlan.of(plan.originalSize(), layers);
        }

        private void lose(ImmutableList<Integer> share) {
            FitWorker lost = workers.remove(share);
            if (lost != null) {
                lost.close();
            }
        }

        @Override
        public void take(FittedTensor weight) {
            kept.add(weight);
            StoredTensor values = weight.values().orElseThrow();
            copies.put(
                    weight.sha256(),
                    new FittedTensor(
                            weight.provenance(),
                            weight.sha256(),
                            Optional.of(ArrayTensor.of(values.name(), values.load()))));
        }

        @Override
        public void forget(FittedTensor weight) {
            assertThat(kept.remove(weight)).isTrue();
        }

        @Override
        public void close() {
            workers.values().forEach(FitWorker::close);
            closed = true;
        }
    }

    private static List<FittedTensor> weights(CollapsePlan plan) {
        return plan.layers().stream()
                .flatMap(layer ->
                        layer instanceof FittedLayer fitted ? fitted.tensors().values().stream() : Stream.empty())
                .toList();
    }

    private CollapsePlan alone(Fit refit) {
        return FitPass.run(stack, plan, sequences, refit, FitListener.NONE);
    }

    private CollapsePlan divided(Fit refit, Others others, long mostBytes) {
        return FitPass.run(
                stack,
                plan,
                sequences,
                refit,
                FitListener.NONE,
                new DividedFitRows(stack, refit, FitBatch.divide(sequences, refit), others, mostBytes));
    }

    private static void assertSame(CollapsePlan actual, CollapsePlan expected) {
        assertThat(weights(actual).stream().map(FittedTensor::sha256))
                .isEqualTo(weights(expected).stream().map(FittedTensor::sha256).toList())
                .isNotEmpty();
        assertThat(weights(actual).stream().map(FittedTensor::provenance))
                .as("ridges, steps and errors")
                .isEqualTo(
                        weights(expected).stream().map(FittedTensor::provenance).toList());
    }

    @ParameterizedTest(name = "{0} with {1} workers and {2} bytes on their way")
    @CsvSource({
        "ridge:0.1, 1, 1000000",
        "ridge:0.1, 2, 1000000",
        "'ridge:0.03,0.1,1.0,3.0', 3, 1000000",
        "'ridge:0.03,0.1,1.0,3.0', 3, 100",
        "ridge:0.1, 50, 1000000",
        "'ridge+repairs:0.03,1.0', 2, 1000000",
        "'transform:0.03,1.0', 2, 1",
        "replaceme:0.0, 3, 1000000"
    })
    void fitsBitForBitAsOneProcess(String fit, int workers, long mostBytes) {
        Fit refit = Fit.named(fit).batchRows(14).tokensPerInput(1);
        Others others = new Others(workers, refit);

        assertSame(divided(refit, others, mostBytes), alone(refit));
        assertThat(others.closed).isTrue();
        assertThat(others.kept).as("weights that nobody asks about any more").isEmpty();
        assertThat(others.asked).contains(FitQuestion.Kind.SUMS, FitQuestion.Kind.ERRORS);
    }

    @Test
    void givesEveryWorkerAShareAndAllOfThemTheWeightsToJudge() {
        Fit refit = Fit.ridge().batchRows(14).tokensPerInput(1);
        Others others = new Others(2, refit);
        CollapsePlan fitted = divided(refit, others, DividedFitRows.MOST_BYTES);

        // Two layers: sums of two shares, thirteen weights on one sequence, four on all held-out ones, one's errors.
        long layers =
                fitted.layers().stream().filter(FittedLayer.class::isInstance).count();
        assertThat(layers).isEqualTo(2);
        assertThat(others.asked.stream().filter(FitQuestion.Kind.SUMS::equals)).hasSize(4);
        assertThat(others.asked.stream().filter(FitQuestion.Kind.SAMPLE::equals))
                .hasSize(2);
        assertThat(others.asked.stream().filter(FitQuestion.Kind.ERRORS::equals))
                .hasSize(2);
    }

    @Test
    void tellsWhatTheLargestOfTheOthersHolds() {
        Fit refit = Fit.ridge(0.1).batchRows(14).tokensPerInput(1);
        List<FitCost> costs = new ArrayList<>();
        FitListener listener = new FitListener() {
            @Override
            public void fitsEnded(FitCost cost) {
                costs.add(cost);
            }
        };
        FitPass.run(stack, plan, sequences, refit, listener);
        Others others = new Others(1, refit);
        FitPass.run(stack, plan, sequences, refit, listener, FitRows.divided(stack, sequences, refit, others));

        assertThat(costs.get(1).bytes())
                .isPositive()
                .isLessThanOrEqualTo(costs.get(0).bytes());
        assertThat(costs.get(1).solutions()).isEqualTo(costs.get(0).solutions());
    }
}
