package org.laco.search;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.laco.Calibration;
import org.laco.CollapseListener;
import org.laco.CollapsePlan;
import org.laco.Evaluation;
import org.laco.LayerStack;
import org.laco.PlannedLayer;
import org.laco.PlannedTensors;
import org.laco.SequenceLayout;
import org.laco.measure.FlattenedCosine;
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
    private final SequenceLayout sequences;
    private final CollapseListener listener;
    private final ArrayPool pool = ArrayPool.create();
    /** The hidden states that enter each layer of the original model. */
    private final List<INDArray> entering = new ArrayList<>();

    private INDArray reference;

    private CandidateEvaluator(LayerStack stack, SequenceLayout sequences, CollapseListener listener) {
        this.stack = stack;
        this.sequences = sequences;
        this.listener = listener;
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
        CandidateEvaluator evaluator = new CandidateEvaluator(stack, calibration.layout(), listener);
        try {
            evaluator.runOriginal(calibration);
            return evaluator;
        } catch (RuntimeException | Error e) {
            evaluator.close();
            throw e;
        }
    }

    private void runOriginal(Calibration calibration) {
        CollapsePlan original = CollapsePlan.identity(stack.layerCount());
        entering.add(stack.embed(calibration));
        requireFinite(entering.get(0), "the embedding");
        for (int layer = 0; layer < stack.layerCount(); layer++) {
            entering.add(run(original.layers().get(layer), entering.get(layer)));
            requireFinite(entering.get(layer + 1), "layer " + layer);
            listener.layerRun(layer, 0);
        }
        reference = stack.finish(entering.get(stack.layerCount()));
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
     * Measures a plan.
     *
     * @param plan a plan for the original model
     * @return its similarity to the original
     * @throws CancellationException if the thread is interrupted
     */
    public Evaluation evaluate(CollapsePlan plan) {
        int from = plan.unchangedPrefix();
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
            return new FlattenedCosine().evaluate(output, reference, sequences);
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
