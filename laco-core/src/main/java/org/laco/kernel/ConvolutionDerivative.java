package org.laco.kernel;

import java.util.List;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;

/** The derivative of a {@link Convolution}, some columns of all rows at a time. */
final class ConvolutionDerivative {
    /** Columns that one thread computes at a time. */
    private static final int BLOCK = 64;

    private final float[] kernel;
    private final int columns;
    private final int width;
    private final RowChunks chunks;
    private final float[] byWeight;
    private final float[] byBias;

    ConvolutionDerivative(float[] kernel, int columns, RowChunks chunks) {
        this.kernel = kernel;
        this.columns = columns;
        this.width = kernel.length / columns;
        this.chunks = chunks;
        this.byWeight = new float[kernel.length];
        this.byBias = new float[columns];
    }

    float[] byWeight() {
        return byWeight;
    }

    float[] byBias() {
        return byBias;
    }

    void compute(HostFloats gradient, HostFloats x, HostFloats out, SequenceLayout sequences) {
        chunks.each((columns + BLOCK - 1) / BLOCK, block -> {
            int from = block * BLOCK;
            int count = Math.min(columns - from, BLOCK);
            for (int sequence = 0; sequence < sequences.count(); sequence++) {
                compute(gradient, x, out, sequences.start(sequence), sequences.length(sequence), from, count);
            }
        });
    }

    private void compute(
            HostFloats gradient, HostFloats x, HostFloats out, int start, int length, int from, int count) {
        float[] byOutput = chunks.take(length * count);
        float[] inputs = chunks.take(length * count);
        float[] byInput = chunks.take(count);
        for (int row = 0; row < length; row++) {
            gradient.get((start + row) * columns + from, byOutput, row * count, count);
            x.get((start + row) * columns + from, inputs, row * count, count);
        }
        for (int row = 0; row < length; row++) {
            for (int column = 0; column < count; column++) {
                byInput[column] = passBack(byOutput, inputs, row, length, from + column, column, count);
            }
            out.put((start + row) * columns + from, byInput, count);
        }
        List.of(byOutput, inputs, byInput).forEach(chunks::give);
    }

    /** Returns the gradient by one input, and adds what the factors' gradients get from it. */
    private float passBack(float[] byOutput, float[] inputs, int row, int length, int of, int column, int count) {
        int at = row * count + column;
        byBias[of] += byOutput[at];
        float sum = 0;
        for (int after = 0; after < Math.min(width, length - row); after++) {
            int factor = of * width + width - 1 - after;
            float by = byOutput[at + after * count];
            sum += kernel[factor] * by;
            byWeight[factor] += inputs[at] * by;
        }
        return sum;
    }
}
