package org.laco;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.laco.merge.MergeRule;
import org.laco.merge.WeightRun;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A weight computed from those of several layers when it is read: merged in float32 and rounded once, to nearest even, to the
 * stored type, so that what a search measures is what a writer stores.
 */
final class MergedTensor implements StoredTensor {
    /**
     * Elements of a block when the tensor is written. The rule and the rounding need some four float32 blocks, which stay in a core's cache
     * and are small enough to be allocated where the last ones were, instead of as new pages.
     */
    private static final long BLOCK = 1 << 17;

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

    @Override
    public void copyRows(long firstRow, INDArray destination) {
        if (destination.dataType() == DataType.FLOAT) {
            mergeRows(firstRow, destination);
        } else {
            try (INDArray merged = Nd4j.createUninitialized(DataType.FLOAT, destination.shape(), 'c')) {
                mergeRows(firstRow, merged);
                destination.assign(merged);
            }
        }
    }

    private void mergeRows(long firstRow, INDArray destination) {
        rule.merge(new Block(firstRow), destination);
        if (dataType() != DataType.FLOAT) {
            try (INDArray rounded = destination.castTo(dataType())) {
                destination.assign(rounded);
            }
        }
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        long[] shape = shape();
        long rowLength = Math.max(1, length() / Math.max(1, shape[0]));
        long blockRows = Math.max(1, BLOCK / rowLength);
        for (long row = 0; row < shape[0]; row += blockRows) {
            long[] block = shape.clone();
            block[0] = Math.min(blockRows, shape[0] - row);
            try (INDArray merged = Nd4j.createUninitialized(DataType.FLOAT, block, 'c')) {
                rule.merge(new Block(row), merged);
                if (dataType() == DataType.FLOAT) {
                    ArrayTensor.of(name(), merged).writeTo(channel);
                } else {
                    try (INDArray rounded = merged.castTo(dataType())) {
                        ArrayTensor.of(name(), rounded).writeTo(channel);
                    }
                }
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
