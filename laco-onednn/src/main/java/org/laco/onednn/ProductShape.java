package org.laco.onednn;

/**
 * What a product is compiled for.
 *
 * @param rows the number of rows of the input
 * @param in the width of the input
 * @param out the width of the product
 * @param inputFirst whether the weight is stored {@code [in, out]} and not {@code [out, in]}
 */
record ProductShape(long rows, long in, long out, boolean inputFirst) {
    @Override
    public String toString() {
        return "[" + rows + ", " + in + "] x [" + in + ", " + out + "]";
    }
}
