package org.laco.kernel;

import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.HostFloats;
import org.laco.tensor.Precision;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The operations for arrays in host memory: matrix products by an implementation of them, everything else by loops over tiles of rows that are copied
 * to Java arrays, which for matrices of this size is many times faster than ND4J's own row operations.
 *
 * <p>Means, variances and exponentials are computed in float64.
 */
final class HostKernels implements Kernels {
    /** Rows below which a part of a matrix product is not worth reading the weight once more. */
    private static final int MIN_BLOCK = 32;

    /** What is kept of results for use again: all of a small model's, none of those that are large enough not to matter. */
    private static final long KEPT_BYTES = 12L << 20;

    private final Nd4jKernels nd4j = new Nd4jKernels();
    private final MatrixProduct product;
    private final Precision precision;
    private final ArrayPool pool;
    private final RowChunks chunks;

    private HostKernels(MatrixProduct product, Precision precision, RowChunks chunks, ArrayPool pool) {
        this.product = product;
        this.precision = precision;
        this.chunks = chunks;
        this.pool = pool;
    }

    /** Makes operations that are each computed in several threads, in float32. */
    static HostKernels parallel(MatrixProduct product) {
        return new HostKernels(
                product, Precision.FLOAT32, new RowChunks(true, new HostScratch()), ArrayPool.upTo(KEPT_BYTES));
    }

    @Override
    public String name() {
        return product.name();
    }

    @Override
    public INDArray matrix(long rows, long columns) {
        return pool.take(rows, columns);
    }

    @Override
    public void release(INDArray array) {
        pool.give(array);
    }

    @Override
    public Runnable keep(long bytes) {
        pool.allow(bytes);
        return () -> pool.allow(-bytes);
    }

    @Override
    public int threads() {
        ForkJoinPool own = ForkJoinTask.getPool();
        return own == null || own == ForkJoinPool.commonPool()
                ? Runtime.getRuntime().availableProcessors()
                : own.getParallelism();
    }

    @Override
    public Kernels sequential() {
        return new HostKernels(product, precision, chunks.sequential(), pool);
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public Optional<Kernels> in(Precision wanted) {
        return wanted == precision
                ? Optional.of(this)
                : product.in(wanted).map(other -> new HostKernels(other, wanted, chunks, pool));
    }

    @Override
    public void close() {
        product.close();
        pool.close();
    }

    @Override
    public DataType weightType(DataType stored) {
        return product.weightType(stored);
    }

    @Override
    public INDArray linear(INDArray x, INDArray weight, INDArray bias) {
        return addBias(multiply(x, weight, false, weight.size(0)), bias);
    }

    @Override
    public INDArray linearTransposed(INDArray x, INDArray weight, INDArray bias) {
        return addBias(multiply(x, weight, true, weight.size(1)), bias);
    }

    private INDArray multiply(INDArray x, INDArray weight, boolean inputFirst, long width) {
        INDArray out = matrix(x.size(0), width);
        forEachTile((int) x.size(0), rows -> product.multiply(rows.of(x), weight, inputFirst, rows.of(out)));
        return out;
    }

    @Override
    public INDArray gatedLinear(
            Activation activation, INDArray x, INDArray weight, boolean inputFirst, INDArray bias, INDArray gated) {
        if (bias != null || !product.gates(activation)) {
            return Kernels.super.gatedLinear(activation, x, weight, inputFirst, bias, gated);
        }
        INDArray out = matrix(x.size(0), gated.size(1));
        forEachTile(
                (int) x.size(0),
                rows -> product.multiplyGated(
                        activation, rows.of(x), weight, inputFirst, rows.of(gated), rows.of(out)));
        return out;
    }

    /** Some rows of matrices that have as many. */
    private record Tile(int from, int to, boolean all) {
        INDArray of(INDArray matrix) {
            return all ? matrix : HostFloats.rows(matrix, from, to);
        }
    }

    /** Computes tiles of rows in several threads where they are many, since a product is computed in one. */
    private void forEachTile(int rows, Consumer<Tile> product) {
        int tiles = chunks.isParallel() ? Math.max(1, Math.min(threads(), rows / MIN_BLOCK)) : 1;
        chunks.each(
                tiles,
                tile -> product.accept(new Tile(
                        (int) ((long) rows * tile / tiles), (int) ((long) rows * (tile + 1) / tiles), tiles == 1)));
    }

    private INDArray addBias(INDArray out, INDArray bias) {
        if (bias == null) {
            return out;
        }
        float[] b = all(bias);
        update(out, b.length, (rows, count) -> {
            for (int at = 0; at < count; at += b.length) {
                for (int i = 0; i < b.length; i++) {
                    rows[at + i] += b[i];
                }
            }
        });
        return out;
    }

    @Override
    public INDArray rmsNorm(INDArray x, INDArray weight, double epsilon, double offset) {
        float[] w = all(weight);
        for (int i = 0; i < w.length; i++) {
            w[i] += (float) offset;
        }
        INDArray out = like(x);
        transform(x, out, w.length, (rows, count) -> {
            for (int at = 0; at < count; at += w.length) {
                double mean = Sums.ofSquares(rows, at, w.length, 0) / w.length;
                float scale = (float) (1 / Math.sqrt(mean + epsilon));
                for (int i = 0; i < w.length; i++) {
                    rows[at + i] = rows[at + i] * scale * w[i];
                }
            }
        });
        return out;
    }

    @Override
    public INDArray layerNorm(INDArray x, INDArray weight, INDArray bias, double epsilon) {
        int width = (int) x.size(1);
        float[] w = weight == null ? null : all(weight);
        float[] b = bias == null ? null : all(bias);
        INDArray out = like(x);
        transform(x, out, width, (rows, count) -> {
            for (int at = 0; at < count; at += width) {
                float mean = (float) (Sums.of(rows, at, width) / width);
                double variance = Sums.ofSquares(rows, at, width, mean) / width;
                float scale = (float) (1 / Math.sqrt(variance + epsilon));
                for (int i = 0; i < width; i++) {
                    rows[at + i] = (rows[at + i] - mean) * scale;
                }
                if (w != null) {
                    for (int i = 0; i < width; i++) {
                        rows[at + i] *= w[i];
                    }
                }
                if (b != null) {
                    for (int i = 0; i < width; i++) {
                        rows[at + i] += b[i];
                    }
                }
            }
        });
        return out;
    }

    @Override
    public void rotate(INDArray x, int headSize, RotaryTable table) {
        int width = (int) x.size(1);
        HostFloats values = HostFloats.of(x);
        chunks.forEach((int) x.size(0), width, (from, to) -> {
            int count = (to - from) * width;
            float[] rows = chunks.take(count);
            values.get(from * width, rows, count);
            for (int row = from; row < to; row++) {
                int start = (row - from) * width;
                for (int head = start; head < start + width; head += headSize) {
                    rotate(rows, head, table, row * table.pairs());
                }
            }
            values.put(from * width, rows, count);
            chunks.give(rows);
        });
    }

    private static void rotate(float[] rows, int head, RotaryTable table, int angle) {
        int pairs = table.pairs();
        int step = table.interleaved() ? 2 : 1;
        int apart = table.interleaved() ? 1 : pairs;
        for (int pair = 0; pair < pairs; pair++) {
            int at = head + pair * step;
            float first = rows[at];
            float second = rows[at + apart];
            float cosine = table.cosines()[angle + pair];
            float sine = table.sines()[angle + pair];
            rows[at] = first * cosine - second * sine;
            rows[at + apart] = second * cosine + first * sine;
        }
    }

    @Override
    public INDArray attention(
            INDArray queries, INDArray keys, INDArray values, AttentionSpec spec, SequenceLayout sequences) {
        INDArray out = like(queries);
        AttentionArrays arrays = new AttentionArrays(
                HostFloats.of(queries), HostFloats.of(keys), HostFloats.of(values), HostFloats.of(out));
        new HostAttention(spec, chunks, product, pool).compute(arrays, sequences);
        return out;
    }

    @Override
    public INDArray branchingAttention(
            INDArray queries, INDArray keys, INDArray values, AttentionSpec spec, SequenceLayout sequences) {
        return attention(queries, keys, values, spec, sequences);
    }

    @Override
    public INDArray convolution(INDArray x, INDArray weight, INDArray bias, SequenceLayout sequences) {
        return recurrences().convolution(x, weight, bias, sequences);
    }

    @Override
    public INDArray deltaRule(DeltaRuleInputs inputs, DeltaRuleSpec spec, SequenceLayout sequences) {
        return recurrences().deltaRule(inputs, spec, sequences);
    }

    @Override
    public INDArray stateSpace(StateSpaceInputs inputs, StateSpaceSpec spec, SequenceLayout sequences) {
        return recurrences().stateSpace(inputs, spec, sequences);
    }

    @Override
    public INDArray selectiveScan(SelectiveScanInputs inputs, SequenceLayout sequences) {
        return recurrences().selectiveScan(inputs, sequences);
    }

    @Override
    public INDArray gatedRecurrence(GatedRecurrenceInputs inputs, SequenceLayout sequences) {
        return recurrences().gatedRecurrence(inputs, sequences);
    }

    private HostRecurrences recurrences() {
        return new HostRecurrences(
                chunks, pool, precision == Precision.FLOAT32 ? Optional.of(product) : Optional.empty());
    }

    @Override
    public void activate(Activation activation, INDArray x) {
        update(x, (int) x.size(-1), (values, count) -> activate(activation, values, count));
    }

    private static void activate(Activation activation, float[] values, int count) {
        switch (activation) {
            case SILU -> {
                for (int i = 0; i < count; i++) {
                    values[i] = Exponential.silu(values[i]);
                }
            }
            case GELU_TANH -> {
                for (int i = 0; i < count; i++) {
                    double v = values[i];
                    double inner = Slopes.GELU_FACTOR * (v + Slopes.GELU_CUBE * v * v * v);
                    values[i] = (float) (v * 0.5 * (1 + Exponential.tanh(inner)));
                }
            }
            case RELU -> {
                for (int i = 0; i < count; i++) {
                    values[i] = Math.max(values[i], 0);
                }
            }
            case GELU -> {
                for (int i = 0; i < count; i++) {
                    double v = values[i];
                    values[i] = (float) (0.5 * v * (1 + ErrorFunction.erf(v * Math.sqrt(0.5))));
                }
            }
            default -> {
                DoubleUnaryOperator function = ElementFunction.of(activation).value();
                for (int i = 0; i < count; i++) {
                    values[i] = (float) function.applyAsDouble(values[i]);
                }
            }
        }
    }

    @Override
    public void gate(Activation activation, INDArray inner, INDArray gated) {
        gate(activation, inner, gated, inner);
    }

    @Override
    public INDArray gated(Activation activation, INDArray inner, INDArray gated) {
        INDArray out = like(inner);
        gate(activation, inner, gated, out);
        return out;
    }

    private void gate(Activation activation, INDArray inner, INDArray gated, INDArray out) {
        combine(inner, gated, out, (values, others, count) -> {
            activate(activation, values, count);
            for (int i = 0; i < count; i++) {
                values[i] *= others[i];
            }
        });
    }

    @Override
    public void add(INDArray sum, INDArray x) {
        combine(sum, x, sum, (values, others, count) -> {
            for (int i = 0; i < count; i++) {
                values[i] += others[i];
            }
        });
    }

    @Override
    public INDArray copy(INDArray x) {
        INDArray out = like(x);
        HostFloats.of(x).copyTo(HostFloats.of(out), 0);
        return out;
    }

    @Override
    public void putColumns(INDArray matrix, long first, INDArray columns) {
        HostFloats source = HostFloats.of(columns);
        HostFloats destination = HostFloats.of(matrix);
        int width = (int) columns.size(1);
        for (int row = 0; row < columns.size(0); row++) {
            source.copyTo(row * width, width, destination, (int) (row * matrix.size(1) + first));
        }
    }

    @Override
    public Derivatives derivatives() {
        return new HostDerivatives(this, product, chunks, pool);
    }

    @Override
    public INDArray gather(INDArray x, int[] rows) {
        return nd4j.gather(x, rows);
    }

    @Override
    public void scatterAdd(INDArray sum, int[] rows, INDArray x, float[] scales) {
        nd4j.scatterAdd(sum, rows, x, scales);
    }

    /** What is done with whole rows that begin at an array's start. */
    private interface Rows {
        void run(float[] rows, int count);
    }

    /** What is done with rows of one array and the same rows of another. */
    private interface Pairs {
        void run(float[] rows, float[] others, int count);
    }

    private void update(INDArray x, int width, Rows body) {
        transform(x, x, width, body);
    }

    private void transform(INDArray x, INDArray out, int width, Rows body) {
        HostFloats source = HostFloats.of(x);
        HostFloats destination = x == out ? source : HostFloats.of(out);
        chunks.forEach((int) (x.length() / width), width, (from, to) -> {
            int count = (to - from) * width;
            float[] rows = chunks.take(count);
            source.get(from * width, rows, count);
            body.run(rows, count);
            destination.put(from * width, rows, count);
            chunks.give(rows);
        });
    }

    private void combine(INDArray x, INDArray other, INDArray out, Pairs body) {
        HostFloats values = HostFloats.of(x);
        HostFloats others = HostFloats.of(other);
        HostFloats results = x == out ? values : HostFloats.of(out);
        int width = (int) x.size(-1);
        chunks.forEach((int) (x.length() / width), width, (from, to) -> {
            int count = (to - from) * width;
            float[] rows = chunks.take(count);
            float[] otherRows = chunks.take(count);
            values.get(from * width, rows, count);
            others.get(from * width, otherRows, count);
            body.run(rows, otherRows, count);
            results.put(from * width, rows, count);
            chunks.give(rows);
            chunks.give(otherRows);
        });
    }

    /** Copies all elements. */
    static float[] all(INDArray array) {
        float[] values = new float[(int) array.length()];
        HostFloats.of(array).get(0, values, values.length);
        return values;
    }

    private INDArray like(INDArray x) {
        return pool.take(x.shape());
    }
}
