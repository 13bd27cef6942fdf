package org.laco.tensor;

import org.laco.base.Internal;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How an array's elements lie in its buffer. */
@Internal
public final class ArrayLayout {
    private ArrayLayout() {}

    /**
     * Tells whether the elements follow one another in 'c' order, by the strides: a permuted array calls itself ordered by 'c'. The stride of
     * a dimension of size 1, such as that of a single row, is no matter.
     *
     * @param array any array, perhaps a view of another one
     * @return whether a copy of the bytes from the first element on is a copy of the array
     */
    public static boolean isDense(INDArray array) {
        long expected = 1;
        for (int dimension = array.rank() - 1; dimension >= 0; dimension--) {
            if (array.size(dimension) != 1) {
                if (array.stride(dimension) != expected) {
                    return false;
                }
                expected *= array.size(dimension);
            }
        }
        return true;
    }

    /**
     * Tells whether the array's buffer holds its elements in 'c' order, and nothing else.
     *
     * @param array any array
     * @return whether a copy of the buffer is a copy of the array
     */
    public static boolean isWholeBuffer(INDArray array) {
        return array.isEmpty() || array.ordering() == 'c' && !array.isView() && isDense(array);
    }
}
