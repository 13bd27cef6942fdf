package org.laco.kernel;

import java.util.Arrays;
import java.util.List;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Derivatives for arrays in host memory: matrix products by an implementation of them, everything else by loops over tiles of rows.
 *
 * <p>Sums over rows are made of one partial sum a tile, added in the order of the rows, so that they don't depend on the threads.
 */
final class HostDerivatives implements Derivatives {
    /** Rows of a sum below which a part of it is not worth reading the other matrix once more. */
    private static final int MIN_SUM_ROWS = 32;

    private final HostKernels kernels;
    private final MatrixProduct product;
    private final RowChunks chunks;
    private final ArrayPool pool;

    HostDerivatives(HostKernels kernels, MatrixProduct product, RowChunks chunks, ArrayPool pool) {
        this.kernels = kernels;
        this.product = product;
        this.chunks = chunks;
        this.pool = pool;
    }

    @Override
    public void addTransposedProduct(INDArray a, INDArray b, INDArray sum) {
        long columns = a.size(1);
        int tiles = chunks.isParallel() ? (int) Math.max(1, Math.min(kernels.threads(), columns / MIN_SUM_ROWS)) : 1;
        chunks.each(tiles, tile -> {
            long from = columns * tile / tiles;
            long to = columns * (tile + 1) / tiles;
            product.addTransposed(HostFloats.columns(a, from, to), b, HostFloats.rows(sum, from, to));
        });
    }

    @Override
    public void addColumnSums(INDArray gradient, INDArray sum) {
        int width = (int) gradient.size(1);
        PartialSums sums = new PartialSums((int) gradient.size(0), width, chunks);
        HostFloats values = HostFloats.of(gradient);
        sums.add((from, to, partial) -> {
            float[] rows = read(values, from, to, width);
            for (int i = 0; i < (to - from) * width; i++) {
                partial[i % width] += rows[i];
            }
            chunks.give(rows);
        });
        sums.addTo(HostFloats.of(sum));
    }

    private float[] read(HostFloats values, int from, int to, int width) {
        int count = (to - from) * width;
        float[] rows = chunks.take(count);
        values.get(from * width, rows, count);
        return rows;
    }

    @Override
    public INDArray rmsNorm(
            INDArray gradient, INDArray x, INDArray weight, double epsilon, double offset, INDArray weightSum) {
        float[] w = HostKernels.all(weight);
        for (int i = 0; i < w.length; i++) {
            w[i] += (float) offset;
        }
        return throughNorm(
                gradient,
                x,
                w.length,
                weightSum,
                (values, passed, at, partial) -> backwardThroughRmsNorm(values, passed, at, w, epsilon, partial));
    }

    /** What is done with a row of a norm's input and of the gradient by its output, and added to a partial sum of the weight's. */
    private interface NormRow {
        void run(float[] x, float[] gradient, int at, float[] weightSum);
    }

    private INDArray throughNorm(INDArray gradient, INDArray x, int width, INDArray weightSum, NormRow row) {
        INDArray out = pool.take(x.shape());
        PartialSums sums = new PartialSums((int) (x.length() / width), width, chunks);
        HostFloats inputs = HostFloats.of(x);
        HostFloats gradients = HostFloats.of(gradient);
        HostFloats results = HostFloats.of(out);
        sums.add((from, to, partial) -> {
            int count = (to - from) * width;
            float[] values = read(inputs, from, to, width);
            float[] passed = read(gradients, from, to, width);
            for (int at = 0; at < count; at += width) {
                row.run(values, passed, at, partial);
            }
            results.put(from * width, passed, count);
            chunks.give(values);
            chunks.give(passed);
        });
        if (weightSum != null) {
            sums.addTo(HostFloats.of(weightSum));
        }
        return out;
    }

    /** With x̂ = x·r and g = gradient ⊙ w: r · (g − x̂ · mean(g ⊙ x̂)); the weight's is gradient ⊙ x̂. */
    private static void backwardThroughRmsNorm(
            float[] x, float[] gradient, int at, float[] w, double epsilon, float[] weightSum) {
        float r = (float) (1 / Math.sqrt(Sums.ofSquares(x, at, w.length, 0) / w.length + epsilon));
        for (int i = 0; i < w.length; i++) {
            weightSum[i] += gradient[at + i] * x[at + i] * r;
            gradient[at + i] *= w[i];
        }
        float mean = (float) (Sums.ofProducts(gradient, x, at, w.length) * r / w.length);
        for (int i = 0; i < w.length; i++) {
            gradient[at + i] = r * (gradient[at + i] - x[at + i] * r * mean);
        }
    }

    @Override
    public INDArray layerNorm(
            INDArray gradient, INDArray x, INDArray weight, double epsilon, INDArray weightSum, INDArray biasSum) {
        float[] w = weight == null ? ones((int) x.size(1)) : HostKernels.all(weight);
        if (biasSum != null) {
            addColumnSums(gradient, biasSum);
        }
        return throughNorm(
                gradient,
                x,
                w.length,
                weightSum,
                (values, passed, at, partial) -> backwardThroughLayerNorm(values, passed, at, w, epsilon, partial));
    }

    /** With x̂ = (x − mean)·r and g = gradient ⊙ w: r · (g − mean(g) − x̂ · mean(g ⊙ x̂)); the weight's is gradient ⊙ x̂. */
    private static void backwardThroughLayerNorm(
            float[] x, float[] gradient, int at, float[] w, double epsilon, float[] weightSum) {
        int width = w.length;
        float mean = (float) (Sums.of(x, at, width) / width);
        for (int i = 0; i < width; i++) {
            x[at + i] -= mean;
        }
        float r = (float) (1 / Math.sqrt(Sums.ofSquares(x, at, width, 0) / width + epsilon));
        for (int i = 0; i < width; i++) {
            x[at + i] *= r;
            weightSum[i] += gradient[at + i] * x[at + i];
            gradient[at + i] *= w[i];
        }
        float meanGradient = (float) (Sums.of(gradient, at, width) / width);
        float meanProduct = (float) (Sums.ofProducts(gradient, x, at, width) / width);
        for (int i = 0; i < width; i++) {
            gradient[at + i] = r * (gradient[at + i] - meanGradient - x[at + i] * meanProduct);
        }
    }

    @Override
    public void rotate(INDArray gradient, int headSize, RotaryTable table) {
        kernels.rotate(gradient, headSize, table.inverse());
    }

    @Override
    public AttentionGradients attention(
            INDArray gradient,
            INDArray queries,
            INDArray keys,
            INDArray values,
            INDArray weighted,
            AttentionSpec spec,
            SequenceLayout sequences) {
        INDArray queryGradient = pool.take(queries.shape());
        INDArray keyGradient = pool.take(keys.shape());
        INDArray valueGradient = pool.take(values.shape());
        new AttentionDerivative(spec, chunks, product, pool)
                .compute(
                        new AttentionDerivative.Inputs(
                                HostFloats.of(queries),
                                HostFloats.of(keys),
                                HostFloats.of(values),
                                HostFloats.of(weighted),
                                HostFloats.of(gradient)),
                        new AttentionDerivative.Outputs(
                                HostFloats.of(queryGradient), HostFloats.of(keyGradient), HostFloats.of(valueGradient)),
                        sequences);
        return new AttentionGradients(queryGradient, keyGradient, valueGradient);
    }

    @Override
    public INDArray convolution(
            INDArray gradient,
            INDArray x,
            INDArray weight,
            SequenceLayout sequences,
            INDArray weightSum,
            INDArray biasSum) {
        return recurrences().convolution(gradient, x, weight, sequences, weightSum, biasSum);
    }

    @Override
    public DeltaRuleInputs deltaRule(
            INDArray gradient, DeltaRuleInputs inputs, DeltaRuleSpec spec, SequenceLayout sequences) {
        return recurrences().deltaRule(gradient, inputs, spec, sequences);
    }

    @Override
    public StateSpaceInputs stateSpace(
            INDArray gradient, StateSpaceInputs inputs, StateSpaceSpec spec, SequenceLayout sequences) {
        return recurrences().stateSpace(gradient, inputs, spec, sequences);
    }

    @Override
    public SelectiveScanInputs selectiveScan(INDArray gradient, SelectiveScanInputs inputs, SequenceLayout sequences) {
        return recurrences().selectiveScan(gradient, inputs, sequences);
    }

    @Override
    public GatedRecurrenceInputs gatedRecurrence(
            INDArray gradient, GatedRecurrenceInputs inputs, SequenceLayout sequences) {
        return recurrences().gatedRecurrence(gradient, inputs, sequences);
    }

    private RecurrenceGradients recurrences() {
        return new RecurrenceGradients(chunks, pool);
    }

    @Override
    public void activate(Activation activation, INDArray x, INDArray gradient) {
        int width = (int) x.size(1);
        HostFloats inputs = HostFloats.of(x);
        HostFloats gradients = HostFloats.of(gradient);
        chunks.forEach((int) x.size(0), width, (from, to) -> {
            int count = (to - from) * width;
            float[] values = read(inputs, from, to, width);
            float[] passed = read(gradients, from, to, width);
            float[] slopes = chunks.take(count);
            Slopes.of(activation, values, slopes, count);
            for (int i = 0; i < count; i++) {
                passed[i] *= slopes[i];
            }
            gradients.put(from * width, passed, count);
            List.of(values, passed, slopes).forEach(chunks::give);
        });
    }

    @Override
    public INDArray gate(Activation activation, INDArray inner, INDArray gated, INDArray gradient) {
        int width = (int) inner.size(1);
        INDArray gatedGradient = pool.take(inner.shape());
        HostFloats inners = HostFloats.of(inner);
        HostFloats factors = HostFloats.of(gated);
        HostFloats gradients = HostFloats.of(gradient);
        HostFloats results = HostFloats.of(gatedGradient);
        chunks.forEach((int) inner.size(0), width, (from, to) -> {
            int count = (to - from) * width;
            float[] values = read(inners, from, to, width);
            float[] by = read(factors, from, to, width);
            float[] passed = read(gradients, from, to, width);
            float[] slopes = chunks.take(count);
            Slopes.of(activation, values, slopes, count);
            for (int i = 0; i < count; i++) {
                values[i] *= passed[i];
                passed[i] *= by[i] * slopes[i];
            }
            results.put(from * width, values, count);
            gradients.put(from * width, passed, count);
            List.of(values, by, passed, slopes).forEach(chunks::give);
        });
        return gatedGradient;
    }

    private static float[] ones(int length) {
        float[] ones = new float[length];
        Arrays.fill(ones, 1);
        return ones;
    }
}
