package org.laco.tensor;

/**
 * Which values of a layer an array holds.
 *
 * @param name the tensor's name within the layer
 * @param matrix the matrix's number in a stack, {@link #ALL} for the whole tensor
 * @param asStored whether they are in the stored type, else in float32
 */
record ArrayKey(String name, int matrix, boolean asStored) {
    static final int ALL = -1;
}
