package org.laco.model.block;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A part of a layer: it maps hidden states to hidden states and knows which tensors it needs. */
public interface Block {
    /**
     * Computes the output of this part.
     *
     * @param x the input {@code [rows, in]}, which is left as it is
     * @param weights the layer's weights
     * @param pass the batch and the arithmetic
     * @return the output {@code [rows, out]}, a new array, which the caller releases or closes
     */
    INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass);

    /**
     * Declares the tensors that this part needs.
     *
     * @param declare receives each of them
     */
    void declare(Consumer<TensorDeclaration> declare);

    /**
     * Returns the linear map that is applied last, if this part ends in one. The default is none.
     *
     * @return the map, on whose weight the output depends linearly
     */
    default Optional<Linear> lastMap() {
        return Optional.empty();
    }
}
