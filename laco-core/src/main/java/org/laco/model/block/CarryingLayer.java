package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer on hidden states that have what is {@link Carried} in columns after them, which it hands on.
 *
 * @param layer the layer
 * @param width the width of the hidden states
 */
public record CarryingLayer(Layer layer, int width) implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray out = pass.kernels().copy(x);
        INDArray hidden = Columns.copy(x, 0, width);
        INDArray result = layer.apply(hidden, weights, pass.carrying(out, width));
        Columns.put(out, 0, result);
        pass.kernels().release(hidden);
        pass.kernels().release(result);
        return out;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        throw new UnsupportedOperationException(
                "layers that read keys and values of other layers or inputs of their own, as in Gemma 4 E2B and E4B, can't be"
                        + " trained: no gradient passes by these from layer to layer");
    }

    @Override
    public int longestBranch() {
        return layer.longestBranch();
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        layer.declare(declare);
    }
}
