package org.laco.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;

/** A causal convolution of each column by itself, in host memory. */
final class Convolution {
    /** Rows that one thread computes at a time. */
    private static final int BLOCK = 32;

    private final float[] kernel;
    private final float[] bias;
    private final int columns;
    private final int width;
    private final RowChunks chunks;

    /**
     * Prepares a convolution.
     *
     * @param kernel the factors {@code [columns, width]}, that of the present position last
     * @param bias what is added to each column
     */
    Convolution(float[] kernel, float[] bias, RowChunks chunks) {
        this.columns = bias.length;
        this.width = kernel.length / columns;
        this.kernel = transpose(kernel);
        this.bias = bias;
        this.chunks = chunks;
    }

    /** Puts the factors of one position beside one another. */
    private float[] transpose(float[] byColumn) {
        float[] byPosition = new float[byColumn.length];
        for (int column = 0; column < columns; column++) {
            for (int i = 0; i < width; i++) {
                byPosition[i * columns + column] = byColumn[column * width + i];
            }
        }
        return byPosition;
    }

    void compute(HostFloats x, HostFloats out, SequenceLayout sequences) {
        List<Runnable> tasks = new ArrayList<>();
        for (int sequence = 0; sequence < sequences.count(); sequence++) {
            int[] rows = sequences.rowsUpTo(sequence);
            for (int from = sequences.position(sequence); from < rows.length; from += BLOCK) {
                int first = from;
                tasks.add(() -> compute(x, out, rows, first, Math.min(rows.length, first + BLOCK)));
            }
        }
        chunks.each(tasks.size(), i -> tasks.get(i).run());
    }

    /** Computes the positions {@code [from, to)} of a sequence, whose positions lie in these rows of the batch. */
    private void compute(HostFloats x, HostFloats out, int[] rows, int from, int to) {
        int before = width - 1;
        float[] inputs = chunks.take((before + BLOCK) * columns);
        float[] results = chunks.take(BLOCK * columns);
        for (int position = from - before; position < to; position++) {
            int at = (position - from + before) * columns;
            if (position < 0) {
                Arrays.fill(inputs, at, at + columns, 0);
            } else {
                x.get(rows[position] * columns, inputs, at, columns);
            }
        }
        for (int row = 0; row < to - from; row++) {
            int at = row * columns;
            System.arraycopy(bias, 0, results, at, columns);
            for (int i = 0; i < width; i++) {
                addProducts(results, at, inputs, at + i * columns, i * columns);
            }
        }
        out.put(rows[from] * columns, results, (to - from) * columns);
        List.of(inputs, results).forEach(chunks::give);
    }

    private void addProducts(float[] results, int at, float[] inputs, int atInput, int atKernel) {
        for (int column = 0; column < columns; column++) {
            results[at + column] += inputs[atInput + column] * kernel[atKernel + column];
        }
    }
}
