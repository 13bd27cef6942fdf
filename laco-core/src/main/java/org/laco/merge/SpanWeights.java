package org.laco.merge;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One weight in each of the layers {@code l … l + m} that are merged, as float32 and read when asked for.
 *
 * <p>A rule sees a block of rows at a time, so that it needs little memory whatever the weight's size.
 */
public interface SpanWeights {
    /**
     * Returns the number of layers that are merged.
     *
     * @return m + 1, at least 2
     */
    int count();

    /**
     * Copies the weight of one layer.
     *
     * @param index the layer, 0 for the base layer l
     * @param destination a float32 array of the block's shape
     */
    void copyTo(int index, INDArray destination);

    /**
     * Lends memory for one merge.
     *
     * <p>A merge of billions of weights is tens of thousands of blocks, and making an array for each would cost more than the arithmetic.
     *
     * @return a float32 array of the block's shape with any content, which another merge has when this one ends
     */
    INDArray scratch();
}
