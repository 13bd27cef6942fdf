package org.laco;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.laco.merge.MergeRule;
import org.laco.merge.WeightRun;
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
     * Elements of a block that is merged at once. The rule and the rounding need some four float32 blocks, which stay in a core's cache
     * and are small enough to be allocated where the last ones were, instead of as new pages.
     */
    private static final long BLOCK = 1 << 17;

    /** Elements that are written at once: enough blocks for several threads, and for hashing beside the writing. */
    private static final long WRITTEN = 1 << 22;

    private final MergeRule rule;
    private final ImmutableList<StoredTensor> parts;

    private MergedTensor(MergeRule rule, ImmutableList<StoredTensor> parts) {
        this.rule = rule;
        this.parts = parts;
    }

    /** Merges tensors of one type and shape; the selected one itself where the rule selects one. */
    static StoredTensor of(MergeRule rule, ImmutableList<StoredTensor> parts) {
        return rule.selects(parts.size()).isPresent()
                ? parts.get(rule.selects(parts.size()).getAsInt())
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

    /** Returns the size of what is read to compute the values. */
    long bytesRead() {
        return parts.stream().mapToLong(PlannedTensors::bytesRead).sum();
    }

    /** Merges in the calling thread: whoever loads a layer loads several tensors at once, and may hold locks meanwhile. */
    @Override
    public void copyRows(long firstRow, INDArray destination) {
        blocks(firstRow, destination).forEach(Runnable::run);
    }

    private Stream<Runnable> blocks(long firstRow, INDArray destination) {
        if (destination.rank() == 0) {
            return Stream.of(() -> mergeRows(firstRow, destination));
        }
        long rows = destination.size(0);
        long blockRows = Math.max(1, BLOCK * rows / Math.max(1, destination.length()));
        return IntStream.range(0, Math.toIntExact((rows + blockRows - 1) / blockRows))
                .mapToObj(block -> {
                    long from = block * blockRows;
                    return () -> mergeRows(firstRow + from, rows(destination, from, Math.min(rows, from + blockRows)));
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

    private void mergeRows(long firstRow, INDArray destination) {
        try (INDArray merged = Nd4j.createUninitialized(DataType.FLOAT, destination.shape(), 'c')) {
            rule.merge(new Block(firstRow), merged);
            if (dataType() == DataType.FLOAT || dataType() == destination.dataType()) {
                destination.assign(merged);
            } else {
                try (INDArray rounded = merged.castTo(dataType())) {
                    destination.assign(rounded);
                }
            }
        }
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        long[] shape = shape();
        long rows = shape.length == 0 ? 1 : shape[0];
        long writtenRows = Math.max(1, WRITTEN * rows / Math.max(1, length()));
        for (long row = 0; row < rows; row += writtenRows) {
            long[] part = shape.clone();
            if (part.length > 0) {
                part[0] = Math.min(writtenRows, rows - row);
            }
            try (INDArray values = Nd4j.createUninitialized(dataType(), part, 'c')) {
                blocks(row, values).parallel().forEach(Runnable::run);
                ArrayTensor.of(name(), values).writeTo(channel);
            }
        }
    }

    @Override
    public String toString() {
        return rule.name() + parts;
    }

    private final class Block implements WeightRun {
        private final long firstRow;

        Block(long firstRow) {
            this.firstRow = firstRow;
        }

        @Override
        public int count() {
            return parts.size();
        }

        @Override
        public void copyTo(int index, INDArray destination) {
            parts.get(index).copyRows(firstRow, destination);
        }
    }
}
