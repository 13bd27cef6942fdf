package org.laco.stack;

import com.google.common.collect.ImmutableMap;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A language model that gradients can be passed back through, from its logits to its weights. */
public interface Trainable {
    /**
     * Runs hidden states through the structure of one layer with given weights, as {@link LayerStack#forward} does, and keeps what the
     * derivative needs.
     *
     * @param layer the layer whose structure is used, from 0
     * @param weights the weights by the names of {@link LayerStack#tensors}, which must stay open until the recording is closed
     * @param hidden the hidden states that enter the layer {@code [rows, width]}, which must stay as long
     * @param sequences how the rows divide into sequences
     * @return the hidden states that leave the layer and the derivative, which the caller closes
     * @throws UnsupportedOperationException if a part of the layer has no derivative; the message names it
     */
    Recording record(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences);

    /**
     * Computes the final hidden states as {@link LayerStack#finish} does and keeps what the derivative needs.
     *
     * @param hidden the hidden states that leave the last layer {@code [rows, width]}, which must stay until the recording is closed
     * @return the final hidden states and the derivative, which the caller closes
     */
    Recording recordFinish(INDArray hidden);

    /**
     * Passes a gradient back through {@link LanguageStack#logits}.
     *
     * @param output the final hidden states {@code [rows, width]}
     * @param logits their logits {@code [rows, vocabulary]}
     * @param gradient the loss's gradient by the logits, which is overwritten
     * @param gradients receives the gradients of the head's weight and bias if it wants them
     * @return the loss's gradient by the final hidden states {@code [rows, width]}, a new array
     */
    INDArray logitsBackward(INDArray output, INDArray logits, INDArray gradient, Gradients gradients);

    /**
     * Passes a gradient back through {@link LayerStack#embed} to the embedding's weights.
     *
     * @param calibration the sequences that were embedded
     * @param gradient the loss's gradient by the hidden states that enter layer 0 {@code [rows, width]}
     * @param gradients receives the gradients of the weights that it wants
     * @throws UnsupportedOperationException if a part of the embedding has no derivative
     */
    void embedBackward(Calibration calibration, INDArray gradient, Gradients gradients);

    /**
     * Keeps more of the arrays that steps need for use again. The default keeps no more.
     *
     * @param bytes how much more
     * @return what ends this and frees as much
     */
    default Runnable keep(long bytes) {
        return () -> {};
    }

    /**
     * Returns what can be trained outside of the layers.
     *
     * @return the tensors by their full names; a head that is the embedding is listed as that
     */
    ImmutableMap<String, OutsideTensor> outside();

    /**
     * Returns this stack with other values for tensors outside of the layers.
     *
     * @param tensors the tensors by their full names
     * @return a stack that shares everything else
     */
    LanguageStack withOutside(ImmutableMap<String, StoredTensor> tensors);

    /**
     * Asks for a stack that can be trained where nothing else will do.
     *
     * @param stack the stack
     * @return the stack itself
     * @throws UnsupportedOperationException if it can't be
     */
    static Trainable require(LayerStack stack) {
        if (stack instanceof Trainable trainable) {
            return trainable;
        }
        throw new UnsupportedOperationException("this stack can't be trained: it passes no gradients back");
    }
}
