package org.laco.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
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
        largestBlock = Math.max(largestBlock, numbers(inputs, targets.get(0)));
        try (INDArray x = wide(inputs)) {
            tiles(0, gram.size()).forEach(tile -> add(gram.get(tile), product(x, x, tile, tile)));
            for (int kind = 0; kind < targets.size(); kind++) {
                INDArray cross = crosses.get(kind);
                try (INDArray y = wide(targets.get(kind))) {
                    tiles(0, count(y.size(1))).forEach(tile -> add(columns(cross, tile), product(x, y, 0, tile)));
                }
            }
        }
    }

    /** How many numbers a block takes, and the tiles that are computed at the same time. */
    static long numbers(INDArray inputs, INDArray targets) {
        int most = Math.max(count(inputs.size(1)), count(targets.size(1)));
        return inputs.length()
                + targets.length()
                + Math.min(most, atOnce()) * length(inputs.size(1), targets.size(1), 0);
    }

    /** Returns the number of tiles of problems with one kind of targets: those of XᵀX, then those of XᵀY. */
    static int tiles(long features, long outputs) {
        return count(features) + count(outputs);
    }

    /** Returns the shape of a tile. */
    static long[] shape(long features, long outputs, int tile) {
        int squares = count(features);
        long from = (long) (tile < squares ? tile : tile - squares) * TILE;
        return tile < squares
                ? new long[] {features - from, Math.min(TILE, features - from)}
                : new long[] {features, Math.min(TILE, outputs - from)};
    }

    /** Returns how many numbers a tile has. */
    static long length(long features, long outputs, int tile) {
        long[] shape = shape(features, outputs, tile);
        return shape[0] * shape[1];
    }

    /**
     * Computes what a block of rows adds to some tiles.
     *
     * @param inputs the inputs, {@code [rows, features]}
     * @param targets the targets of one kind, {@code [rows, outputs]}
     * @param from the first tile
     * @param to the tile after the last
     */
    static void products(INDArray inputs, INDArray targets, int from, int to, FitRows.Sums use) {
        int squares = count(inputs.size(1));
        try (INDArray x = wide(inputs);
                INDArray y = wide(targets)) {
            tiles(from, to)
                    .forEach(tile -> use.add(
                            tile, tile < squares ? product(x, x, tile, tile) : product(x, y, 0, tile - squares)));
        }
    }

    /**
     * Adds what a block of rows adds to a tile, of problems with one kind of targets.
     *
     * @param tile the number of the tile
     * @param products what {@link #products} says of it, freed here
     */
    void add(int tile, INDArray products) {
        add(tile < gram.size() ? gram.get(tile) : columns(crosses.get(0), tile - gram.size()), products);
    }

    private static void add(INDArray sums, INDArray products) {
        try (products) {
            sums.addi(products);
        }
    }

    /** Multiplies the columns from a tile's first on by those of a tile. A product is made by itself, wherever, and added then. */
    private static INDArray product(INDArray x, INDArray y, int first, int tile) {
        INDArray left = columns(x, (long) first * TILE, x.size(1));
        INDArray right = columns(y, tile);
        INDArray product = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {left.size(1), right.size(1)}, 'f');
        return Nd4j.gemm(left, right, product, true, false, 1, 0);
    }

    private static INDArray columns(INDArray matrix, int tile) {
        long from = (long) tile * TILE;
        return columns(matrix, from, Math.min(matrix.size(1), from + TILE));
    }

    private static int count(long columns) {
        return Math.toIntExact((columns + TILE - 1) / TILE);
    }

    private static INDArray wide(INDArray rows) {
        try (INDArray copied = rows.castTo(DataType.DOUBLE)) {
            return copied.dup('f');
        }
    }

    /** Numbers tiles, at the same time if ND4J computes each operation in the thread that asks for it. */
    static IntStream tiles(int from, int to) {
        IntStream all = IntStream.range(from, to);
        return atOnce() > 1 ? all.parallel() : all;
    }

    /** How many tiles are computed at the same time. */
    private static int atOnce() {
        ForkJoinPool own = ForkJoinTask.getPool();
        return Nd4j.factory().blas().getMaxThreads() != 1
                ? 1
                : own == null ? ForkJoinPool.getCommonPoolParallelism() + 1 : own.getParallelism();
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
        return bytes(Double.BYTES * largestBlock);
    }

    /** What sums, a factor and a solution take together, or the sums and what rows of a size take if that is more. */
    long bytes(long rows) {
        long square = features * features;
        long half = gram.stream().mapToLong(INDArray::length).sum();
        long cross = crosses.get(0).length();
        return Double.BYTES * (half + crosses.size() * cross) + Math.max(Double.BYTES * (square + 2 * cross), rows);
    }

    @Override
    public void close() {
        gram.forEach(INDArray::close);
        crosses.forEach(INDArray::close);
    }
}
