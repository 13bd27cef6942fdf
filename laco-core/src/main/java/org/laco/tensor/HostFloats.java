package org.laco.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.laco.base.Internal;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The elements of a float32 array, copied to and from Java arrays in bulk.
 *
 * <p>A copy costs what the memory costs, where an ND4J operation costs tens of microseconds whatever its size; and loops over Java
 * arrays are compiled to vector instructions. Several threads may copy different parts at once.
 *
 * <pre>{@code
 * float[] row = new float[576];
 * HostFloats.of(hidden).get(3 * 576, row, 576);   // the fourth row of a [rows, 576] matrix
 * }</pre>
 */
@Internal
public final class HostFloats {
    private static final int BLOCK = 1 << 12;

    private final FloatBuffer values;

    private HostFloats(FloatBuffer values) {
        this.values = values;
    }

    /**
     * Views an array, which must stay open as long as the view is used.
     *
     * @param array a dense float32 array in 'c' order of less than 2^31 elements
     * @return a view of its elements in host memory
     * @throws IllegalArgumentException if the array is of another type or order
     */
    public static HostFloats of(INDArray array) {
        checkArgument(
                array.dataType() == DataType.FLOAT
                        && array.ordering() == 'c'
                        && ArrayLayout.isDense(array)
                        && array.length() <= Integer.MAX_VALUE,
                "an array of type %s and shape %s in '%s' order is not a dense float32 array in 'c' order",
                array.dataType(),
                Arrays.toString(array.shape()),
                array.ordering());
        Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
        return new HostFloats(new FloatPointer(array.data().addressPointer())
                .capacity(array.length())
                .asBuffer());
    }

    /**
     * Views consecutive rows of a matrix, without the cost of ND4J's own indexing.
     *
     * @param matrix a dense matrix in 'c' order, of any type
     * @param from the first row
     * @param to the row after the last one
     * @return a view that is valid as long as the matrix
     */
    public static INDArray rows(INDArray matrix, long from, long to) {
        long width = matrix.size(1);
        return Nd4j.create(
                matrix.data(),
                new long[] {to - from, width},
                new long[] {width, 1},
                matrix.offset() + from * width,
                'c',
                matrix.dataType());
    }

    /**
     * Views one matrix of a stack, without the cost of ND4J's own indexing.
     *
     * @param stack a dense array of three dimensions in 'c' order, of any type
     * @param index the matrix's number
     * @return a view that is valid as long as the stack
     */
    public static INDArray matrix(INDArray stack, long index) {
        long width = stack.size(2);
        return Nd4j.create(
                stack.data(),
                new long[] {stack.size(1), width},
                new long[] {width, 1},
                stack.offset() + index * stack.size(1) * width,
                'c',
                stack.dataType());
    }

    /**
     * Views consecutive columns of a matrix, without the cost of ND4J's own indexing.
     *
     * @param matrix a dense matrix in 'c' order, of any type
     * @param from the first column
     * @param to the column after the last one
     * @return a view that is valid as long as the matrix, and dense only if it has all columns
     */
    public static INDArray columns(INDArray matrix, long from, long to) {
        return Nd4j.create(
                matrix.data(),
                new long[] {matrix.size(0), to - from},
                new long[] {matrix.size(1), 1},
                matrix.offset() + from,
                'c',
                matrix.dataType());
    }

    /**
     * Copies elements out of the array.
     *
     * @param from the first element
     * @param destination where they go, from its start
     * @param count the number of elements
     */
    public void get(int from, float[] destination, int count) {
        get(from, destination, 0, count);
    }

    /**
     * Copies elements out of the array.
     *
     * @param from the first element
     * @param destination where they go
     * @param at where in it the first goes
     * @param count the number of elements
     */
    public void get(int from, float[] destination, int at, int count) {
        values.get(from, destination, at, count);
    }

    /**
     * Copies elements into the array. The array must be in host memory alone, as those of ND4J's CPU backends are.
     *
     * @param from the first element
     * @param source where they come from, from its start
     * @param count the number of elements
     */
    public void put(int from, float[] source, int count) {
        put(from, source, 0, count);
    }

    /**
     * Copies elements into the array, which must be in host memory alone.
     *
     * @param from the first element that is overwritten
     * @param source where they come from
     * @param at where in it the first lies
     * @param count the number of elements
     */
    public void put(int from, float[] source, int at, int count) {
        values.put(from, source, at, count);
    }

    /**
     * Copies all elements into another array in host memory.
     *
     * @param destination the other array
     * @param to its first element that is overwritten
     */
    public void copyTo(HostFloats destination, int to) {
        copyTo(0, values.limit(), destination, to);
    }

    /**
     * Copies elements into another array in host memory.
     *
     * @param from the first element that is copied
     * @param count the number of elements
     * @param destination the other array
     * @param to its first element that is overwritten
     */
    public void copyTo(int from, int count, HostFloats destination, int to) {
        destination.values.put(to, values, from, count);
    }

    /**
     * Returns whether all elements are finite.
     *
     * @return false if one is infinite or not a number
     */
    public boolean isFinite() {
        float[] block = new float[Math.min(BLOCK, values.limit())];
        for (int from = 0; from < values.limit(); from += block.length) {
            int count = Math.min(block.length, values.limit() - from);
            get(from, block, count);
            // Zero times anything finite is zero, and a sum of zeros needs no branch an element.
            float sum = 0;
            for (int i = 0; i < count; i++) {
                sum += block[i] * 0;
            }
            if (Float.isNaN(sum)) {
                return false;
            }
        }
        return true;
    }
}
