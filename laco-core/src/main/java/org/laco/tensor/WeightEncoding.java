package org.laco.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import org.laco.base.Internal;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Fitted and trained weights in the type of the weights that they replace. */
@Internal
public final class WeightEncoding {
    private WeightEncoding() {}

    /**
     * Refuses a type that nothing can be rounded to.
     *
     * @param stored the weight that is to be replaced
     * @throws IllegalArgumentException if its type is no floating point
     */
    public static void require(StoredTensor stored) {
        checkArgument(
                stored.dataType() != DataType.UNKNOWN && stored.dataType().isFPType(),
                "tensor %s can't be replaced: its type %s can't be written",
                stored.name(),
                stored.storedType());
    }

    /**
     * Rounds once, to the nearest and ties to even.
     *
     * @param values the values in float32
     * @param like a tensor of the wanted type
     * @return a new array
     */
    public static INDArray round(INDArray values, StoredTensor like) {
        return like.dataType() == DataType.FLOAT ? values.dup('c') : values.castTo(like.dataType());
    }
}
