package org.laco.kernel;

import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastAddOp;
import org.nd4j.linalg.api.ops.impl.transforms.custom.SoftMax;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Causal attention of all sequences and heads by a few batched ND4J operations.
 *
 * <p>Sequences are padded at their ends to the longest one. Padding changes no number: a position attends to itself and those before
 * it, and padded positions come after all real ones. Query heads that share a key head are stacked along the positions, so that
 * keys and values are never repeated.
 */
final class BatchedAttention {
    /** Added to scores that must not count; exp() of it is 0 and it doesn't overflow when scores are added. */
    private static final float MASKED = -1e30f;

    private final AttentionSpec spec;
    private final SequenceLayout sequences;
    private final int batch;
    private final int length;

    BatchedAttention(AttentionSpec spec, SequenceLayout sequences) {
        this.spec = spec;
        this.sequences = sequences;
        this.batch = sequences.count();
        this.length = sequences.maxLength();
    }

    INDArray compute(INDArray queries, INDArray keys, INDArray values) {
        int shared = spec.keyValueHeads();
        int rows = spec.group() * length;
        try (INDArray scores = matrices(batch * shared, rows, length);
                INDArray weighted = matrices(batch * shared, rows, spec.headSize())) {
            try (INDArray q = split(queries, spec.group());
                    INDArray k = split(keys, 1)) {
                Nd4j.matmul(q, k, scores, false, true, false);
            }
            scores.muli(spec.scale());
            spec.softCap().ifPresent(cap -> {
                scores.divi(cap);
                Transforms.tanh(scores, false).muli(cap);
            });
            mask(scores);
            Nd4j.exec(new SoftMax(scores, scores, -1));
            try (INDArray v = split(values, 1)) {
                Nd4j.matmul(scores, v, weighted, false, false, false);
            }
            return join(weighted);
        }
    }

    /** Brings {@code [rows, heads · headSize]} to {@code [batch · keyValueHeads, group · length, headSize]}. */
    private INDArray split(INDArray packed, int group) {
        INDArray padded = isUniform() ? packed : Nd4j.pullRows(packed, 1, paddedRows());
        INDArray heads = padded.reshape('c', batch, length, spec.keyValueHeads(), group, spec.headSize())
                .permute(0, 2, 3, 1, 4)
                .dup('c');
        if (padded != packed) {
            padded.close();
        }
        return heads.reshape('c', (long) batch * spec.keyValueHeads(), (long) group * length, spec.headSize());
    }

    /** The inverse of {@link #split}. */
    private INDArray join(INDArray heads) {
        INDArray padded = heads.reshape('c', batch, spec.keyValueHeads(), spec.group(), length, spec.headSize())
                .permute(0, 3, 1, 2, 4)
                .dup('c')
                .reshape('c', (long) batch * length, spec.queryWidth());
        if (isUniform()) {
            return padded;
        }
        try (padded) {
            return Nd4j.pullRows(padded, 1, packedRows());
        }
    }

    private boolean isUniform() {
        return batch * length == sequences.rows();
    }

    private int[] paddedRows() {
        int[] rows = new int[batch * length];
        for (int i = 0; i < batch; i++) {
            for (int at = 0; at < length; at++) {
                rows[i * length + at] = sequences.start(i) + Math.min(at, sequences.length(i) - 1);
            }
        }
        return rows;
    }

    private int[] packedRows() {
        int[] rows = new int[sequences.rows()];
        for (int i = 0; i < batch; i++) {
            for (int at = 0; at < sequences.length(i); at++) {
                rows[sequences.start(i) + at] = i * length + at;
            }
        }
        return rows;
    }

    private void mask(INDArray scores) {
        if (spec.slopes().isEmpty()) {
            INDArray heads = scores.reshape('c', (long) batch * spec.heads(), length, length);
            try (INDArray mask = Nd4j.createFromArray(causal(0)).reshape('c', length, length)) {
                Nd4j.exec(new BroadcastAddOp(heads, mask, heads, 1, 2));
            }
            return;
        }
        INDArray heads = scores.reshape('c', batch, spec.heads(), length, length);
        for (int head = 0; head < spec.heads(); head++) {
            INDArray one = heads.tensorAlongDimension(head, 0, 2, 3);
            try (INDArray mask =
                    Nd4j.createFromArray(causal(spec.slopes().get(head))).reshape('c', length, length)) {
                Nd4j.exec(new BroadcastAddOp(one, mask, one, 1, 2));
            }
        }
    }

    /** What is added to the scores {@code [query, key]} of a head. */
    private float[] causal(double slope) {
        int window = spec.window().orElse(Integer.MAX_VALUE);
        float[] mask = new float[length * length];
        for (int query = 0; query < length; query++) {
            for (int key = 0; key < length; key++) {
                boolean seen = key <= query && query - key < window;
                mask[query * length + key] = seen ? (float) (slope * (key - query)) : MASKED;
            }
        }
        return mask;
    }

    private static INDArray matrices(long count, long rows, long columns) {
        return Nd4j.createUninitialized(DataType.FLOAT, new long[] {count, rows, columns}, 'c');
    }
}
