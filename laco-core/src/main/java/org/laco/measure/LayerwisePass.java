package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.laco.plan.SourceLayer;
import org.laco.stack.Calibration;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.stack.LoadedLayer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs groups of batches through a stack, all batches through one layer before the next, so that weights are loaded once a group. */
final class LayerwisePass implements AutoCloseable {
    /** Takes the hidden states that leave a layer, one batch after the other. */
    @FunctionalInterface
    interface Sink {
        void leaves(int batch, INDArray hidden);
    }

    private final LayerStack stack;
    private final Progress progress;
    private final LayerRunner runner;

    LayerwisePass(LayerStack stack, Progress progress) {
        this.stack = stack;
        this.runner = LayerRunner.of(stack);
        this.progress = progress;
    }

    /** Returns the width of the hidden states, from an embedding of the first token. */
    static long width(LayerStack stack, Calibration tokens) {
        try (INDArray first = stack.embed(Calibration.ofTokens(Arrays.copyOf(tokens.tokens(0), 1)))) {
            return first.size(1);
        }
    }

    /** Computes what enters layer 0, one array a batch. */
    List<INDArray> embed(ImmutableList<SequenceBatch> group) {
        List<INDArray> hidden = new ArrayList<>();
        try {
            group.forEach(batch -> hidden.add(batch.embed(stack)));
            return hidden;
        } catch (RuntimeException | Error e) {
            hidden.forEach(INDArray::close);
            throw e;
        }
    }

    /** Runs one layer; what enters it is left as it is. */
    void layer(int layer, ImmutableList<SequenceBatch> group, List<INDArray> entering, Sink sink) {
        try (LoadedLayer loaded = runner.load(SourceLayer.of(layer))) {
            for (int i = 0; i < group.size(); i++) {
                SequenceBatch batch = group.get(i);
                sink.leaves(i, loaded.run(entering.get(i), batch.layout()));
                progress.advance(batch.layout().rows());
            }
        }
    }

    /** Returns the hidden states alone of what enters or leaves a layer, the same array if there is nothing else in it. */
    INDArray hiddenStates(INDArray rows) {
        return stack.hiddenStates(rows);
    }

    /** Computes the final hidden states of what leaves the last layer, a new array. */
    INDArray finish(INDArray leaving) {
        return stack.finish(leaving);
    }

    /** Computes the final hidden states, one array a batch, which the caller closes. */
    List<INDArray> outputs(ImmutableList<SequenceBatch> group) {
        List<INDArray> hidden = embed(group);
        try {
            for (int layer = 0; layer < stack.layerCount(); layer++) {
                layer(layer, group, hidden, (batch, next) -> hidden.set(batch, next)
                        .close());
            }
            for (int i = 0; i < group.size(); i++) {
                hidden.set(i, stack.finish(hidden.get(i))).close();
            }
            return hidden;
        } catch (RuntimeException | Error e) {
            hidden.forEach(INDArray::close);
            throw e;
        }
    }

    @Override
    public void close() {
        runner.close();
    }
}
