package org.laco.model.block;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The same columns of every head of a matrix {@code [rows, heads · size]}. */
final class HeadColumns {
    private HeadColumns() {}

    /** Makes a matrix of zeros. */
    static INDArray zeros(long rows, int heads, int size) {
        return Nd4j.zeros(DataType.FLOAT, rows, (long) heads * size);
    }

    /** Returns the columns {@code [from, to)} of every head as a new array {@code [rows, heads · (to − from)]}. */
    static INDArray copy(INDArray matrix, int size, int from, int to) {
        long heads = matrix.size(1) / size;
        return Columns.copy(byHead(matrix, size), from, to).reshape('c', matrix.size(0), heads * (to - from));
    }

    /** Overwrites the columns of every head from one on by those of a matrix {@code [rows, heads · width]}. */
    static void put(INDArray matrix, int size, int from, INDArray columns, int width) {
        Columns.put(byHead(matrix, size), from, byHead(columns, width));
    }

    /** Overwrites the columns of every head from one on by the same {@code [rows, width]}. */
    static void putInEach(INDArray matrix, int size, int from, INDArray columns) {
        for (int head = 0; head < matrix.size(1); head += size) {
            Columns.put(matrix, head + from, columns);
        }
    }

    /** Returns the sum over heads of the columns {@code [from, to)}, {@code [rows, to − from]}. */
    static INDArray sum(INDArray matrix, int size, int from, int to) {
        INDArray sum = Columns.copy(matrix, from, to);
        for (int head = size; head < matrix.size(1); head += size) {
            try (INDArray each = Columns.copy(matrix, head + from, head + to)) {
                sum.addi(each);
            }
        }
        return sum;
    }

    /** A row of each head. */
    private static INDArray byHead(INDArray matrix, int size) {
        return matrix.reshape('c', matrix.length() / size, size);
    }
}
