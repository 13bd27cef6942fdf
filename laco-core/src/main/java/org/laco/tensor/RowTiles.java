package org.laco.tensor;

import java.util.Arrays;
import org.laco.base.Internal;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Blocks of rows, that is slices along the first dimension, of arrays in 'c' order. */
@Internal
public final class RowTiles {
    private RowTiles() {}

    /** Views the rows {@code [first, first + count)} of an array of one or more dimensions. */
    static INDArray of(INDArray array, long first, long count) {
        INDArrayIndex[] index = new INDArrayIndex[array.rank()];
        Arrays.fill(index, NDArrayIndex.all());
        index[0] = NDArrayIndex.interval(first, first + count);
        return array.get(index);
    }

    /**
     * Refuses a destination that can't hold whole rows of a tensor, or rows that the tensor doesn't have.
     *
     * @param tensor the tensor
     * @param firstRow the index of the first row to copy
     * @param destination the array to fill
     * @throws IllegalArgumentException if they don't fit; the message names the tensor and both shapes
     */
    public static void check(StoredTensor tensor, long firstRow, INDArray destination) {
        long[] shape = tensor.shape();
        long rows = shape.length == 0 ? 1 : shape[0];
        long rowLength = rows == 0 ? 0 : tensor.length() / rows;
        boolean whole = firstRow == 0 && destination.length() == tensor.length();
        long wanted = whole ? rows : destination.rank() == 0 ? 1 : destination.size(0);
        boolean fits =
                whole || destination.length() == wanted * rowLength && firstRow >= 0 && firstRow + wanted <= rows;
        if (!fits || destination.ordering() != 'c') {
            throw new IllegalArgumentException(String.format(
                    "tensor %s of shape %s: rows from %d do not fit an array of shape %s in '%s' order",
                    tensor.name(),
                    Arrays.toString(shape),
                    firstRow,
                    Arrays.toString(destination.shape()),
                    destination.ordering()));
        }
    }
}
