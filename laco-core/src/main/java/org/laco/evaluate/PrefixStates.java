package org.laco.evaluate;

import java.util.ArrayList;
import java.util.List;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The hidden states that enter each layer of one plan, at first of the original model, so that a plan that shares its lower layers is run
 * from where it parts from it.
 */
final class PrefixStates implements AutoCloseable {
    private final LayerRunner runner;
    private final SequenceLayout sequences;
    private final PassListener listener;
    private final List<INDArray> entering = new ArrayList<>();
    private CollapsePlan base;

    private PrefixStates(LayerRunner runner, SequenceLayout sequences, PassListener listener, CollapsePlan base) {
        this.runner = runner;
        this.sequences = sequences;
        this.listener = listener;
        this.base = base;
    }

    /**
     * Runs the original model once.
     *
     * @throws ArithmeticException if hidden states are not finite; the message names the layer
     */
    static PrefixStates ofOriginal(
            LayerStack stack, Calibration calibration, LayerRunner runner, PassListener listener) {
        PrefixStates states =
                new PrefixStates(runner, calibration.layout(), listener, CollapsePlan.identity(stack.layerCount()));
        try {
            states.entering.add(stack.embed(calibration));
            requireFinite(states.entering.get(0), "the embedding");
            for (int layer = 0; layer < stack.layerCount(); layer++) {
                states.run(layer);
                requireFinite(states.entering.get(layer + 1), "layer " + layer);
                listener.layerRun(layer, 0);
            }
            return states;
        } catch (RuntimeException | Error e) {
            states.close();
            throw e;
        }
    }

    /** Returns these states of the first sequences alone, which are valid as long as these and not to be closed. */
    PrefixStates first(SequenceLayout some) {
        PrefixStates states = new PrefixStates(runner, some, listener, base);
        entering.forEach(hidden -> states.entering.add(HostFloats.rows(hidden, 0, some.rows())));
        return states;
    }

    static void requireFinite(INDArray hidden, String where) {
        if (!HostFloats.of(hidden).isFinite()) {
            throw new ArithmeticException("the hidden states that leave " + where
                    + " of the original model are not finite: its weights hold NaN, infinite or far too large values");
        }
    }

    private void run(int layer) {
        entering.add(runner.run(base.layers().get(layer), entering.get(layer), sequences));
    }

    /** Keeps the hidden states of another plan, running what it doesn't share with this one. */
    void rebase(CollapsePlan plan) {
        int shared = sharedPrefix(plan);
        while (entering.size() > shared + 1) {
            entering.remove(entering.size() - 1).close();
        }
        base = plan;
        for (int layer = shared; layer < plan.size(); layer++) {
            run(layer);
            listener.layerRun(layer, 1);
        }
    }

    /** Counts the lowest layers that a plan has in common with the one whose hidden states are kept. */
    int sharedPrefix(CollapsePlan plan) {
        int limit = Math.min(Math.min(plan.size(), base.size()), entering.size() - 1);
        int shared = 0;
        while (shared < limit && plan.layers().get(shared).equals(base.layers().get(shared))) {
            shared++;
        }
        return shared;
    }

    /** Returns what enters a layer, for the number of layers what leaves the last one; it stays this object's. */
    INDArray entering(int layer) {
        return entering.get(layer);
    }

    @Override
    public void close() {
        entering.forEach(INDArray::close);
    }
}
