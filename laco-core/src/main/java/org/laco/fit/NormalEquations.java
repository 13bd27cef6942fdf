package org.laco.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The sums XᵀX and XᵀY of a least squares problem, in double, added up from blocks of rows. Of the Gram matrix the half below the
 * diagonal is kept, in tiles of columns, which are computed at the same time where ND4J leaves the other processors idle.
 */
final class NormalEquations implements AutoCloseable {
    private static final int TILE = 192;

    private final long features;
    /** Of each tile the columns {@code [from, to)} and the rows from {@code from} down. */
    private final List<INDArray> gram = new ArrayList<>();

    private final List<INDArray> crosses = new ArrayList<>();
    /** The most numbers that a block of rows has had. */
    private long largestBlock;

    /** Starts problems of the same inputs and several kinds of targets. */
    NormalEquations(long features, long outputs, int kinds) {
        this.features = features;
        for (long from = 0; from < features; from += TILE) {
            gram.add(Nd4j.zeros(DataType.DOUBLE, features - from, Math.min(TILE, features - from))
                    .dup('f'));
        }
        for (int kind = 0; kind < kinds; kind++) {
            crosses.add(Nd4j.zeros(DataType.DOUBLE, features, outputs).dup('f'));
        }
    }

    /** Adds rows: inputs {@code [rows, features]}, and of each kind targets {@code [rows, outputs]}, in float32. */
    void add(INDArray inputs, List<INDArray> targets) {
        largestBlock = Math.max(largestBlock, inputs.length() + targets.get(0).length());
        try (INDArray x = wide(inputs)) {
            tiles(gram.size()).forEach(tile -> {
                long from = (long) tile * TILE;
                INDArray columns = gram.get(tile);
                Nd4j.gemm(
                        columns(x, from, features),
                        columns(x, from, from + columns.size(1)),
                        columns,
                        true,
                        false,
                        1,
                        1);
            });
            for (int kind = 0; kind < targets.size(); kind++) {
                addCross(x, targets.get(kind), crosses.get(kind));
            }
        }
    }

    private static void addCross(INDArray x, INDArray target, INDArray cross) {
        long outputs = target.size(1);
        try (INDArray y = wide(target)) {
            tiles(Math.toIntExact((outputs + TILE - 1) / TILE)).forEach(tile -> {
                long from = (long) tile * TILE;
                long to = Math.min(outputs, from + TILE);
                Nd4j.gemm(x, columns(y, from, to), columns(cross, from, to), true, false, 1, 1);
            });
        }
    }

    private static INDArray wide(INDArray rows) {
        try (INDArray copied = rows.castTo(DataType.DOUBLE)) {
            return copied.dup('f');
        }
    }

    /** Numbers tiles, at the same time if ND4J computes each operation in the thread that asks for it. */
    static IntStream tiles(int count) {
        IntStream all = IntStream.range(0, count);
        return Nd4j.factory().blas().getMaxThreads() == 1 ? all.parallel() : all;
    }

    /** Views columns of a matrix in 'f' order. */
    static INDArray columns(INDArray matrix, long from, long to) {
        long rows = matrix.size(0);
        return Nd4j.create(
                matrix.data(),
                new long[] {rows, to - from},
                new long[] {1, rows},
                matrix.offset() + from * rows,
                'f',
                matrix.dataType());
    }

    /**
     * Solves (XᵀX + λI) D = XᵀY for each kind of targets.
     *
     * @param shift returns λ for the mean diagonal of XᵀX
     * @param each takes the number of the kind and the solution {@code [features, outputs]} in double, which is freed afterwards
     * @throws ArithmeticException if the sums are not finite, or λ is too small for them
     */
    void solve(DoubleUnaryOperator shift, BiConsumer<Integer, INDArray> each) {
        double sum = 0;
        for (INDArray tile : gram) {
            sum += Cholesky.diagonal(tile).sumNumber().doubleValue();
        }
        try (Cholesky factor = Cholesky.of(whole(), shift.applyAsDouble(sum / features))) {
            for (int kind = 0; kind < crosses.size(); kind++) {
                try (INDArray solution = factor.solve(crosses.get(kind))) {
                    each.accept(kind, solution);
                }
            }
        }
    }

    /** Copies the tiles to their places; what is above the diagonal stays 0. */
    private INDArray whole() {
        INDArray whole = Nd4j.zeros(DataType.DOUBLE, features, features).dup('f');
        for (int tile = 0; tile < gram.size(); tile++) {
            long from = (long) tile * TILE;
            INDArray columns = gram.get(tile);
            whole.get(NDArrayIndex.interval(from, features), NDArrayIndex.interval(from, from + columns.size(1)))
                    .assign(columns);
        }
        return whole;
    }

    /** What sums, a factor and a solution take together, or the sums and the largest block of rows if that is more. */
    long bytes() {
        long square = features * features;
        long half = gram.stream().mapToLong(INDArray::length).sum();
        long cross = crosses.get(0).length();
        return Double.BYTES * (half + crosses.size() * cross + Math.max(square + 2 * cross, largestBlock));
    }

    @Override
    public void close() {
        gram.forEach(INDArray::close);
        crosses.forEach(INDArray::close);
    }
}
