package org.laco.stack;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.laco.merge.MergeRule;
import org.laco.merge.SpanWeights;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A weight computed from those of several layers when it is read: merged in float32 and rounded once, to nearest even, to the
 * stored type, so that what a search measures is what a writer stores.
 */
final class MergedTensor implements StoredTensor {
    /**
     * Elements of a block that is merged at once. The rule and the rounding need some four float32 blocks: large enough that the calls of
     * ND4J, of which each takes ten microseconds or more, are not what merging takes, and small enough that memory for them is not either.
     */
    private static final long BLOCK = 1 << 18;

    /** Float32 blocks that merging takes: the result's and the rule's. */
    private static final int BLOCKS = 4;

    /** Elements that are written at once: enough blocks for several threads, and for hashing beside the writing. */
    private static final long WRITTEN = 1 << 22;

    private final MergeRule rule;
    private final ImmutableList<StoredTensor> parts;

    private MergedTensor(MergeRule rule, ImmutableList<StoredTensor> parts) {
        this.rule = rule;
        this.parts = parts;
    }

    /** Merges tensors of one type and shape; the selected one itself, rounded like the others, where the rule selects one. */
    static StoredTensor of(MergeRule rule, ImmutableList<StoredTensor> parts) {
        return rule.selects(parts.size()).isPresent()
                ? parts.get(rule.selects(parts.size()).getAsInt()).asWritten()
                : new MergedTensor(rule, parts);
    }

    @Override
    public String name() {
        return parts.get(0).name();
    }

    @Override
    public String storedType() {
        return parts.get(0).storedType();
    }

    @Override
    public DataType dataType() {
        return parts.get(0).dataType();
    }

    @Override
    public long[] shape() {
        return parts.get(0).shape();
    }

    @Override
    public long byteLength() {
        return parts.get(0).byteLength();
    }

    /** Returns how many float32 elements merging holds in one thread, for rows of so many elements. */
    static long scratch(long rowLength) {
        return BLOCKS * Math.max(BLOCK, rowLength);
    }

    /** Returns the size of what is read to compute the values. */
    long bytesRead() {
        return parts.stream().mapToLong(PlannedTensors::bytesRead).sum();
    }

    /** Merges in the calling thread: whoever loads a layer loads several tensors at once, and may hold locks meanwhile. */
    @Override
    public void copyRows(long firstRow, INDArray destination) {
        try (ArrayPool pool = ArrayPool.create()) {
            blocks(firstRow, destination, pool).forEach(Runnable::run);
        }
    }

    private Stream<Runnable> blocks(long firstRow, INDArray destination, ArrayPool pool) {
        if (destination.rank() == 0) {
            return Stream.of(() -> mergeRows(firstRow, destination, pool));
        }
        long rows = destination.size(0);
        long blockRows = Math.max(1, BLOCK * rows / Math.max(1, destination.length()));
        return IntStream.range(0, Math.toIntExact((rows + blockRows - 1) / blockRows))
                .mapToObj(tile -> {
                    long from = tile * blockRows;
                    return () ->
                            mergeRows(firstRow + from, rows(destination, from, Math.min(rows, from + blockRows)), pool);
                });
    }

    private static INDArray rows(INDArray array, long from, long to) {
        long[] shape = array.shape().clone();
        long rowLength = array.length() / shape[0];
        shape[0] = to - from;
        return Nd4j.create(
                array.data(),
                shape,
                ArrayUtil.calcStrides(shape),
                array.offset() + from * rowLength,
                'c',
                array.dataType());
    }

    private void mergeRows(long firstRow, INDArray destination, ArrayPool pool) {
        try (Tile tile = new Tile(firstRow, destination.shape(), pool)) {
            INDArray merged = tile.scratch();
            rule.merge(tile, merged);
            if (dataType() == DataType.FLOAT || dataType() == destination.dataType()) {
                destination.assign(merged);
            } else {
                try (INDArray rounded = merged.castTo(dataType())) {
                    destination.assign(rounded);
                }
            }
        }
    }

    /** Writes one part of the rows while the next is merged. */
    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        long[] shape = shape();
        long rows = shape.length == 0 ? 1 : shape[0];
        long partRows = Math.min(rows, Math.max(1, WRITTEN * rows / Math.max(1, length())));
        if (shape.length > 0) {
            shape[0] = partRows;
        }
        // New memory for each part would cost as much as merging into it.
        try (ArrayPool pool = ArrayPool.create();
                INDArray even = Nd4j.createUninitialized(dataType(), shape, 'c');
                INDArray odd = Nd4j.createUninitialized(dataType(), shape, 'c')) {
            INDArray part = even;
            ForkJoinTask<?> merging = merge(0, part, pool);
            try {
                for (long row = 0; row < rows; row += partRows) {
                    INDArray merged = part;
                    merging.join();
                    long next = row + partRows;
                    if (next < rows) {
                        part = merged == odd ? even : odd;
                        part = next + partRows <= rows ? part : rows(part, 0, rows - next);
                        merging = merge(next, part, pool);
                    }
                    ArrayTensor.of(name(), merged).writeTo(channel);
                }
            } finally {
                // Nobody may merge into memory that is freed.
                merging.quietlyJoin();
            }
        }
    }

    private ForkJoinTask<?> merge(long firstRow, INDArray part, ArrayPool pool) {
        ForkJoinPool own = ForkJoinTask.getPool();
        return (own == null ? ForkJoinPool.commonPool() : own)
                .submit(() -> blocks(firstRow, part, pool).parallel().forEach(Runnable::run));
    }

    @Override
    public String toString() {
        return rule.name() + parts;
    }

    private final class Tile implements SpanWeights, AutoCloseable {
        private final long firstRow;
        private final long[] shape;
        private final ArrayPool pool;
        private final List<INDArray> taken = new ArrayList<>();

        Tile(long firstRow, long[] shape, ArrayPool pool) {
            this.firstRow = firstRow;
            this.shape = shape;
            this.pool = pool;
        }

        @Override
        public int count() {
            return parts.size();
        }

        @Override
        public void copyTo(int index, INDArray destination) {
            parts.get(index).copyRows(firstRow, destination);
        }

        @Override
        public INDArray scratch() {
            INDArray array = pool.take(shape);
            taken.add(array);
            return array;
        }

        @Override
        public void close() {
            taken.forEach(pool::give);
        }
    }
}
