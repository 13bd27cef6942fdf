package org.laco.onednn;

import org.nd4j.linalg.api.buffer.DataType;

/**
 * What a product is compiled for.
 *
 * @param rows the number of rows of the input
 * @param in the width of the input
 * @param out the width of the product
 * @param inputFirst whether the weight is stored {@code [in, out]} and not {@code [out, in]}
 * @param weights the type of the weight's elements, {@code FLOAT} or {@code BFLOAT16}; the input is rounded to it
 */
record ProductShape(long rows, long in, long out, boolean inputFirst, DataType weights) {
    boolean rounds() {
        return weights == DataType.BFLOAT16;
    }

    @Override
    public String toString() {
        return "[" + rows + ", " + in + "] x [" + in + ", " + out + "]";
    }
}
