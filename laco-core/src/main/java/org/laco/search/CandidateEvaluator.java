package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.laco.Calibration;
import org.laco.CollapseListener;
import org.laco.CollapsePlan;
import org.laco.Evaluation;
import org.laco.LayerStack;
import org.laco.PlannedLayer;
import org.laco.PlannedTensors;
import org.laco.SequenceLayout;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Measures how similar the output of planned models is to the original's.
 *
 * <p>One pass of the original model gives the hidden states that enter every layer. A plan is evaluated from its first changed layer
 * upward, since everything below is the original; no model is copied.
 */
public final class CandidateEvaluator implements AutoCloseable {
    private final LayerStack stack;
    private final Calibration calibration;
    private final SequenceLayout sequences;
    private final Metric objective;
    private final CollapseListener listener;
    private final ArrayPool pool = ArrayPool.create();
    /** The plan whose hidden states are kept, at first that of the original model. */
    private CollapsePlan base;

    /** The hidden states that enter each of its layers. */
    private final List<INDArray> entering = new ArrayList<>();

    private INDArray reference;

    private CandidateEvaluator(LayerStack stack, Calibration calibration, Metric objective, CollapseListener listener) {
        this.stack = stack;
        this.calibration = calibration;
        this.sequences = calibration.layout();
        this.objective = objective;
        this.listener = listener;
        this.base = CollapsePlan.identity(stack.layerCount());
    }

    /**
     * Runs the original model once.
     *
     * @param stack the original model
     * @param calibration the sequences on which plans are measured
     * @param listener who is told of each layer
     * @return the evaluator, which the caller closes
     * @throws ArithmeticException if hidden states are not finite; the message names the layer
     * @throws CancellationException if the thread is interrupted
     */
    public static CandidateEvaluator of(LayerStack stack, Calibration calibration, CollapseListener listener) {
        return of(stack, calibration, Metrics.cosine(), listener);
    }

    /**
     * Runs the original model once.
     *
     * @param stack the original model
     * @param calibration the sequences on which plans are measured
     * @param objective what they are measured by
     * @param listener who is told of each layer
     * @return the evaluator, which the caller closes
     * @throws ArithmeticException if hidden states are not finite; the message names the layer
     * @throws IllegalArgumentException if the objective needs logits and the stack is no language model
     * @throws CancellationException if the thread is interrupted
     */
    public static CandidateEvaluator of(
            LayerStack stack, Calibration calibration, Metric objective, CollapseListener listener) {
        checkArgument(
                !objective.needsLogits() || stack.vocabulary() > 0 && calibration.isTokens(),
                "the objective %s needs a language model and calibration sequences of tokens",
                objective.name());
        CandidateEvaluator evaluator = new CandidateEvaluator(stack, calibration, objective, listener);
        try {
            evaluator.runOriginal();
            return evaluator;
        } catch (RuntimeException | Error e) {
            evaluator.close();
            throw e;
        }
    }

    private void runOriginal() {
        entering.add(stack.embed(calibration));
        requireFinite(entering.get(0), "the embedding");
        for (int layer = 0; layer < stack.layerCount(); layer++) {
            entering.add(run(base.layers().get(layer), entering.get(layer)));
            requireFinite(entering.get(layer + 1), "layer " + layer);
            listener.layerRun(layer, 0);
        }
        reference = stack.finish(entering.get(stack.layerCount()));
        requireFinite(reference, "the final norm");
    }

    private static void requireFinite(INDArray hidden, String where) {
        float sum = hidden.sumNumber().floatValue();
        if (!Float.isFinite(sum)) {
            throw new ArithmeticException("the hidden states that leave " + where
                    + " of the original model are not finite: its weights hold NaN, infinite or far too large values");
        }
    }

    /**
     * Returns the number of calibration sequences.
     *
     * @return at least 1
     */
    public int sequences() {
        return sequences.count();
    }

    /**
     * Returns the sequences on which plans are measured.
     *
     * @return the calibration
     */
    public Calibration calibration() {
        return calibration;
    }

    /**
     * Keeps the hidden states of a plan instead of those kept now, so that plans that share its lower layers are evaluated from where
     * they part from it. Similarities stay those to the original model.
     *
     * @param plan a plan for the original model
     * @throws CancellationException if the thread is interrupted
     */
    public void rebase(CollapsePlan plan) {
        int shared = sharedPrefix(plan);
        while (entering.size() > shared + 1) {
            entering.remove(entering.size() - 1).close();
        }
        base = plan;
        for (int layer = shared; layer < plan.size(); layer++) {
            entering.add(run(plan.layers().get(layer), entering.get(layer)));
            listener.layerRun(layer, 1);
        }
    }

    /** Counts the lowest layers that a plan has in common with the one whose hidden states are kept. */
    private int sharedPrefix(CollapsePlan plan) {
        int limit = Math.min(Math.min(plan.size(), base.size()), entering.size() - 1);
        int shared = 0;
        while (shared < limit && plan.layers().get(shared).equals(base.layers().get(shared))) {
            shared++;
        }
        return shared;
    }

    /**
     * Measures a plan.
     *
     * @param plan a plan for the original model
     * @return its similarity to the original
     * @throws CancellationException if the thread is interrupted
     */
    public Evaluation evaluate(CollapsePlan plan) {
        return measure(plan, output -> objective.evaluate(output, reference, stack, calibration));
    }

    /**
     * Measures a plan by the paper's cosine, with the figures that a record holds.
     *
     * @param plan a plan for the original model
     * @return the cosine, and the figures of all metrics
     * @throws CancellationException if the thread is interrupted
     */
    public Evaluation evaluateFully(CollapsePlan plan) {
        return measure(plan, output -> Metrics.cosine()
                .evaluate(output, reference, stack, calibration)
                .with(Metrics.figures(output, reference, stack, calibration)));
    }

    private Evaluation measure(CollapsePlan plan, Function<INDArray, Evaluation> metric) {
        int from = sharedPrefix(plan);
        INDArray hidden = entering.get(from);
        for (int layer = from; layer < plan.size(); layer++) {
            INDArray next = run(plan.layers().get(layer), hidden);
            if (layer > from) {
                hidden.close();
            }
            hidden = next;
            listener.layerRun(layer, 1);
        }
        try (INDArray output = stack.finish(hidden)) {
            return metric.apply(output);
        } finally {
            if (from < plan.size()) {
                hidden.close();
            }
        }
    }

    private INDArray run(PlannedLayer layer, INDArray hidden) {
        if (Thread.interrupted()) {
            throw new CancellationException("interrupted");
        }
        try (LayerWeights weights = LayerWeights.load(PlannedTensors.of(stack, layer), pool)) {
            return stack.forward(layer.base().index(), weights, hidden, sequences);
        }
    }

    @Override
    public void close() {
        entering.forEach(INDArray::close);
        if (reference != null) {
            reference.close();
        }
        pool.close();
    }
}
