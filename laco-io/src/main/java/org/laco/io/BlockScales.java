package org.laco.io;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import java.util.Arrays;
import java.util.Optional;
import org.laco.io.array.FileTensor;
import org.laco.io.safetensors.Dtype;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The scales of a matrix, or of each matrix of a stack: one for all of it, one a row, or one a block, of which the last of a row or column
 * may be partial.
 */
final class BlockScales {
    private static final int EXPONENT_BIAS = 127;

    private final long rows;
    private final long blockRows;
    private final int blockColumns;
    private final long scaleRows;
    private final int scaleColumns;
    private final Supplier<float[]> values;

    private BlockScales(
            long rows, long blockRows, long blockColumns, long scaleRows, long scaleColumns, Supplier<float[]> values) {
        this.rows = rows;
        this.blockRows = blockRows;
        this.blockColumns = Math.toIntExact(blockColumns);
        this.scaleRows = scaleRows;
        this.scaleColumns = Math.toIntExact(scaleColumns);
        this.values = values;
    }

    /**
     * Finds which elements a scale is for by the shapes of both.
     *
     * @param weight the weight
     * @param scale its scales
     * @param block how many rows and columns share a scale, if the configuration says so
     */
    static BlockScales of(FileTensor weight, FileTensor scale, Optional<Block> block) {
        long[] shape = weight.shape();
        long columns = shape[shape.length - 1];
        long rows = shape.length < 2 ? 1 : shape[shape.length - 2];
        Supplier<float[]> values = Suppliers.memoize(() -> read(scale));
        if (scale.length() == 1) {
            return new BlockScales(rows, rows, columns, 0, 0, values);
        }
        long[] stack = shape.length < 2 ? new long[0] : Arrays.copyOf(shape, shape.length - 2);
        if (block.isPresent()) {
            long down = ceiling(rows, block.get().rows());
            long across = ceiling(columns, block.get().columns());
            if (Arrays.equals(scale.shape(), join(stack, down, across))) {
                return new BlockScales(rows, block.get().rows(), block.get().columns(), down, across, values);
            }
        }
        if (Arrays.equals(scale.shape(), join(stack, rows, 1)) || Arrays.equals(scale.shape(), join(stack, rows))) {
            return new BlockScales(rows, 1, columns, rows, 1, values);
        }
        checkArgument(
                Arrays.equals(scale.shape(), join(stack, 1, 1)) || Arrays.equals(scale.shape(), stack),
                "tensor %s has shape %s, which doesn't fit %s of shape %s: expected one scale, one a row%s",
                scale.name(),
                Arrays.toString(scale.shape()),
                weight.name(),
                Arrays.toString(shape),
                block.map(size -> " or one for each block of " + size).orElse(""));
        return new BlockScales(rows, rows, columns, 1, 1, values);
    }

    /**
     * How many elements share a scale.
     *
     * @param rows along the outputs
     * @param columns along the inputs
     */
    record Block(int rows, int columns) {
        @Override
        public String toString() {
            return rows + " × " + columns;
        }
    }

    private static long[] join(long[] stack, long... matrix) {
        long[] joined = Arrays.copyOf(stack, stack.length + matrix.length);
        System.arraycopy(matrix, 0, joined, stack.length, matrix.length);
        return joined;
    }

    private static long ceiling(long length, long part) {
        return (length + part - 1) / part;
    }

    private static float[] read(FileTensor scale) {
        if (scale.dtype() != Dtype.F8_E8M0) {
            try (INDArray numbers = scale.load()) {
                return numbers.reshape(numbers.length()).toFloatVector();
            }
        }
        byte[] exponents = new byte[Math.toIntExact(scale.length())];
        scale.mapped().copyBytes(0, exponents, exponents.length);
        float[] powers = new float[exponents.length];
        for (int i = 0; i < powers.length; i++) {
            powers[i] = powerOfTwo(exponents[i]);
        }
        return powers;
    }

    /** A power of two of which the biased exponent is stored. */
    static float powerOfTwo(byte exponent) {
        int biased = exponent & 0xff;
        return biased == 0xff ? Float.NaN : Math.scalb(1f, biased - EXPONENT_BIAS);
    }

    /** Multiplies one row, of any of the matrices, by its scales. */
    void scale(long row, float[] elements, int from, int columns) {
        float[] scales = values.get();
        int first = Math.toIntExact((row / rows * scaleRows + row % rows / blockRows) * scaleColumns);
        for (int block = 0, at = 0; at < columns; block++, at += blockColumns) {
            float scale = scales[first + block];
            int end = from + Math.min(columns, at + blockColumns);
            for (int i = from + at; i < end; i++) {
                elements[i] *= scale;
            }
        }
    }
}
