package org.laco.measure;

import static com.google.common.base.Preconditions.checkElementIndex;

import java.util.Arrays;

/** A symmetric matrix of one number for each pair of layers. */
public final class LayerMatrix {
    private final double[][] values;

    LayerMatrix(double[][] values) {
        this.values = values;
    }

    /**
     * Returns the number of layers.
     *
     * @return the number of rows and of columns
     */
    public int size() {
        return values.length;
    }

    /**
     * Returns the number of a pair.
     *
     * @param layer one layer, from 0
     * @param other the other
     * @return its value; NaN if the two can't be compared
     */
    public double get(int layer, int other) {
        return values[checkElementIndex(layer, size(), "layer")][checkElementIndex(other, size(), "layer")];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LayerMatrix matrix && Arrays.deepEquals(values, matrix.values);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(values);
    }

    @Override
    public String toString() {
        return Arrays.deepToString(values);
    }
}
