package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How queries, keys and values come from hidden states, by maps of their own or by one that is split. */
public interface Projection {
    /**
     * Computes queries, keys and values.
     *
     * @param x the hidden states {@code [rows, width]}
     * @param weights the layer's weights
     * @param pass the batch and the arithmetic
     * @return three arrays, which the caller releases
     */
    QueryKeyValue apply(INDArray x, LayerWeights weights, ForwardPass pass);

    /**
     * Computes queries, keys and values as {@link #apply} does and keeps what the derivative needs. The default refuses.
     *
     * @param x the hidden states {@code [rows, width]}, which must stay as they are until the gradient was passed back
     * @param weights the layer's weights, which must stay open as long
     * @param pass the batch and the arithmetic
     * @return three arrays and the derivative
     * @throws UnsupportedOperationException if this projection has no derivative
     */
    default RecordedProjection record(INDArray x, LayerWeights weights, ForwardPass pass) {
        throw new UnsupportedOperationException(
                "a layer with a " + getClass().getSimpleName() + " can't be trained: it has no derivative");
    }

    /**
     * Declares the tensors that this part needs.
     *
     * @param declare receives each of them
     */
    void declare(Consumer<TensorDeclaration> declare);
}
