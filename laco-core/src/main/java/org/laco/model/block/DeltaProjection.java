package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How the parts of a {@link GatedDeltaNet} come from hidden states. */
public interface DeltaProjection {
    /**
     * Computes the parts.
     *
     * @param x the hidden states {@code [rows, width]}
     * @param weights the layer's weights
     * @param pass the batch and the arithmetic
     * @return four arrays, which the caller releases
     */
    DeltaParts apply(INDArray x, LayerWeights weights, ForwardPass pass);

    /**
     * Computes the parts as {@link #apply} does and keeps what the derivative needs.
     *
     * @param x the hidden states {@code [rows, width]}, which must stay as they are until the gradient was passed back
     * @param weights the layer's weights, which must stay open as long
     * @param pass the batch and the arithmetic
     * @return four arrays and the derivative
     */
    RecordedDelta record(INDArray x, LayerWeights weights, ForwardPass pass);

    /**
     * Declares the tensors that this part needs.
     *
     * @param declare receives each of them
     */
    void declare(Consumer<TensorDeclaration> declare);
}
