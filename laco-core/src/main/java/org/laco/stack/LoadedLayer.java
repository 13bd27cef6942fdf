package org.laco.stack;

import java.util.concurrent.CancellationException;
import org.laco.base.Cancellation;
import org.laco.base.Internal;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer whose weights are at hand for one batch after another, until it is closed. */
@Internal
public final class LoadedLayer implements AutoCloseable {
    private final LayerStack stack;
    private final int structure;
    private final LayerWeights weights;

    LoadedLayer(LayerStack stack, int structure, LayerWeights weights) {
        this.stack = stack;
        this.structure = structure;
        this.weights = weights;
    }

    /**
     * Runs hidden states through the layer.
     *
     * @param hidden what enters it, {@code [rows, width]}, left as it is
     * @param sequences how the rows divide into sequences
     * @return what leaves it, a new array
     * @throws CancellationException if the thread was interrupted
     */
    public INDArray run(INDArray hidden, SequenceLayout sequences) {
        Cancellation.stopIfInterrupted();
        return stack.forward(structure, weights, hidden, sequences);
    }

    /**
     * Runs hidden states through the layer up to the step that ends in a map.
     *
     * @param map one of the layer's maps that can be fitted
     * @param hidden what enters the layer, {@code [rows, width]}, left as it is
     * @param sequences how the rows divide into sequences
     * @return what entered the map and what leaves its step, which the caller closes
     * @throws CancellationException if the thread was interrupted
     * @throws UnsupportedOperationException if the layer's steps don't end in that map
     */
    public TracedOutput trace(OutputMap map, INDArray hidden, SequenceLayout sequences) {
        Cancellation.stopIfInterrupted();
        return Fittable.of(stack).trace(structure, map, weights, hidden, sequences);
    }

    /**
     * Runs hidden states through the layer and keeps what its derivative needs.
     *
     * @param hidden what enters it, {@code [rows, width]}, which must stay as it is until the recording is closed
     * @param sequences how the rows divide into sequences
     * @return what leaves it and the derivative, which the caller closes before this
     * @throws CancellationException if the thread was interrupted
     * @throws UnsupportedOperationException if the stack can't be trained
     */
    public Recording record(INDArray hidden, SequenceLayout sequences) {
        Cancellation.stopIfInterrupted();
        return Trainable.require(stack).record(structure, weights, hidden, sequences);
    }

    /**
     * Returns the weights.
     *
     * @return the weights by their names within the layer, valid until this is closed
     */
    public LayerWeights weights() {
        return weights;
    }

    @Override
    public void close() {
        weights.close();
    }
}
