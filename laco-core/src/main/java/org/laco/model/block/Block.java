package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.laco.stack.Recording;
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
     * Computes the output as {@link #apply} does and keeps what its derivative needs. The default refuses.
     *
     * @param x the input {@code [rows, in]}, which must stay as it is until the gradient was passed back
     * @param weights the layer's weights, which must stay open as long
     * @param pass the batch and the arithmetic
     * @return the output and the derivative, which the caller closes
     * @throws UnsupportedOperationException if this part has no derivative
     */
    default Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        throw new UnsupportedOperationException(
                "a layer with a " + getClass().getSimpleName() + " can't be trained: it has no derivative");
    }

    /**
     * Declares the tensors that this part needs.
     *
     * @param declare receives each of them
     */
    void declare(Consumer<TensorDeclaration> declare);

    /**
     * Returns this part with its tensors under other names. Only parts outside of the layers are asked, whose names are full ones. The
     * default refuses.
     *
     * @param names gives the new name, or its beginning, for one of this part's
     * @return the same computation on tensors of these names
     * @throws UnsupportedOperationException if this part's names can't be changed
     */
    default Block named(UnaryOperator<String> names) {
        throw new UnsupportedOperationException("a " + getClass().getSimpleName()
                + " outside of the layers only takes the names that its family gives its tensors");
    }

    /**
     * Returns the linear map that is applied last, if this part ends in one. The default is none.
     *
     * @return the map, on whose weight the output depends linearly
     */
    default Optional<Linear> lastMap() {
        return Optional.empty();
    }

    /**
     * Returns the linear maps whose outputs make up what this part gives, so that it is scaled by scaling their weights and biases. The default
     * is the last map alone.
     *
     * @return the maps, empty if something else is in the output
     */
    default Optional<ImmutableList<Linear>> addends() {
        return lastMap().map(ImmutableList::of);
    }

    /**
     * Returns how long sequences may be that {@linkplain org.laco.tensor.SequenceLayout#branching continue others}: up to which length the
     * output of a row depends on rows before it and not on how long the sequence is. The default is 0, for blocks that know no such
     * sequences; {@link RowBlock} has it for those that compute each row by itself.
     *
     * @return the most positions of a sequence, what it continues included; 0 if none may continue another
     */
    default int longestBranch() {
        return 0;
    }
}
