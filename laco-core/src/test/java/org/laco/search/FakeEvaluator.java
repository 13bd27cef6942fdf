package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.laco.evaluate.Batching;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.FittedSpans;
import org.laco.fit.Fit;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.Precision;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Scores plans by a function, without a model; screened scores can be off, as those of low precision are. */
final class FakeEvaluator implements Evaluator {
    final List<CollapsePlan> confirmed = new ArrayList<>();
    final List<Integer> batches = new ArrayList<>();
    private final ToDoubleFunction<CollapsePlan> exact;
    private final ToDoubleFunction<CollapsePlan> error;
    private final double tolerance;
    private final Precision precision;
    private final Batching batching;

    FakeEvaluator(ToDoubleFunction<CollapsePlan> exact) {
        this(exact, plan -> 0, 1e-5, Precision.FLOAT32, Batching.of(4));
    }

    private FakeEvaluator(
            ToDoubleFunction<CollapsePlan> exact,
            ToDoubleFunction<CollapsePlan> error,
            double tolerance,
            Precision precision,
            Batching batching) {
        this.exact = exact;
        this.error = error;
        this.tolerance = tolerance;
        this.precision = precision;
        this.batching = batching;
    }

    /** Returns one whose screened scores are off by an error that differs from plan to plan. */
    FakeEvaluator screeningIn(Precision low, double within, ToDoubleFunction<CollapsePlan> off) {
        return new FakeEvaluator(exact, off, within, low, batching);
    }

    FakeEvaluator batching(Batching wanted) {
        return new FakeEvaluator(exact, error, tolerance, precision, wanted);
    }

    /** A search of so many layers with this evaluator. */
    SearchContext context(int layers, SearchSettings settings) {
        return SearchContext.of(
                new NoModel(layers),
                Calibration.ofTokens(new int[] {0}),
                this,
                settings,
                Measurements.create(),
                CollapseListener.NONE);
    }

    @Override
    public Metric metric() {
        return Metrics.cosine();
    }

    @Override
    public Score confirm(CollapsePlan plan) {
        confirmed.add(plan);
        return score(exact.applyAsDouble(plan));
    }

    @Override
    public ImmutableList<Score> screen(List<CollapsePlan> plans) {
        batches.add(plans.size());
        return plans.stream()
                .map(plan -> score(exact.applyAsDouble(plan) + error.applyAsDouble(plan))
                        .in(precision))
                .collect(ImmutableList.toImmutableList());
    }

    private static Score score(double value) {
        return new Score("cosine", value, ImmutableList.of(value));
    }

    @Override
    public double tolerance() {
        return tolerance;
    }

    @Override
    public Batching batching() {
        return batching;
    }

    @Override
    public FittedSpans fittedSpans(Fit fit, int most) {
        throw new UnsupportedOperationException("nothing is fitted here");
    }

    @Override
    public void close() {}

    /** Layers of which only the number is known. */
    private record NoModel(int layerCount) implements LayerStack {
        @Override
        public ImmutableMap<String, LayerTensor> tensors(int layer) {
            return ImmutableMap.of();
        }

        @Override
        public INDArray embed(Calibration calibration) {
            throw new UnsupportedOperationException("there is no model");
        }

        @Override
        public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
            throw new UnsupportedOperationException("there is no model");
        }

        @Override
        public INDArray finish(INDArray hidden) {
            throw new UnsupportedOperationException("there is no model");
        }
    }
}
