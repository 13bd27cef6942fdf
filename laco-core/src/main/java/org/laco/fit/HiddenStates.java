package org.laco.fit;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.stack.LoadedLayer;
import org.laco.stack.OutputMap;
import org.laco.stack.TracedOutput;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The hidden states of all batches at one place of a model. */
final class HiddenStates implements AutoCloseable {
    private final LayerStack stack;
    private final ImmutableList<FitBatch> batches;
    private final List<INDArray> hidden;

    private HiddenStates(LayerStack stack, ImmutableList<FitBatch> batches, List<INDArray> hidden) {
        this.stack = stack;
        this.batches = batches;
        this.hidden = hidden;
    }

    /** Computes what enters layer 0. */
    static HiddenStates entering(LayerStack stack, ImmutableList<FitBatch> batches) {
        HiddenStates states = new HiddenStates(stack, batches, new ArrayList<>());
        try {
            batches.forEach(batch -> states.hidden.add(stack.embed(batch.input())));
            return states;
        } catch (RuntimeException | Error e) {
            states.close();
            throw e;
        }
    }

    /** Runs a layer in place. */
    void advance(PlannedLayer layer) {
        try (LayerRunner runner = LayerRunner.unpooled(stack);
                LoadedLayer loaded = runner.load(layer)) {
            for (int i = 0; i < batches.size(); i++) {
                INDArray entering = hidden.get(i);
                hidden.set(i, loaded.run(entering, batches.get(i).layout()));
                entering.close();
            }
        }
    }

    /** Applies the final norm in place, after which the states only serve as targets. */
    void finish() {
        for (int i = 0; i < hidden.size(); i++) {
            try (INDArray leaving = hidden.get(i)) {
                hidden.set(i, stack.finish(leaving));
            }
        }
    }

    /** Computes what leaves the step of a layer of the original that ends in a map, leaving these states where they are. */
    HiddenStates after(SourceLayer layer, OutputMap map) {
        HiddenStates states = new HiddenStates(stack, batches, new ArrayList<>());
        try (LayerRunner runner = LayerRunner.unpooled(stack);
                LoadedLayer loaded = runner.load(layer)) {
            for (int i = 0; i < batches.size(); i++) {
                TracedOutput traced =
                        loaded.trace(map, hidden.get(i), batches.get(i).layout());
                traced.activations().close();
                states.hidden.add(traced.output());
            }
        }
        return states;
    }

    /** Copies the states, so that two models can go on from here. */
    HiddenStates copy() {
        HiddenStates states = new HiddenStates(stack, batches, new ArrayList<>());
        hidden.forEach(one -> states.hidden.add(one.dup('c')));
        return states;
    }

    ImmutableList<FitBatch> batches() {
        return batches;
    }

    INDArray get(int batch) {
        return hidden.get(batch);
    }

    long bytes() {
        return hidden.stream().mapToLong(one -> one.length() * Float.BYTES).sum();
    }

    @Override
    public void close() {
        hidden.forEach(INDArray::close);
    }
}
