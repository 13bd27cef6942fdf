package org.laco.kernel;

import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastAddOp;
import org.nd4j.linalg.api.ops.impl.transforms.custom.SoftMax;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
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
        try (INDArray shares = shares(queries, keys);
                INDArray v = split(values, 1);
                INDArray weighted = Nd4j.matmul(shares, v, false, false, false)) {
            return join(weighted, spec.group());
        }
    }

    private INDArray shares(INDArray queries, INDArray keys) {
        try (INDArray q = split(queries, spec.group());
                INDArray k = split(keys, 1)) {
            INDArray shares = scores(q, k);
            weigh(shares);
            return shares;
        }
    }

    /** The derivative, by the equations of {@link AttentionDerivative}. */
    AttentionGradients derivative(
            INDArray gradient, INDArray queries, INDArray keys, INDArray values, INDArray weighted) {
        try (INDArray q = split(queries, spec.group());
                INDArray k = split(keys, 1);
                INDArray v = split(values, 1);
                INDArray out = split(weighted, spec.group());
                INDArray outGradient = split(gradient, spec.group());
                INDArray shares = scores(q, k);
                INDArray slopes = capSlopes(shares);
                INDArray keySums = k.ulike();
                INDArray valueSums = v.ulike()) {
            zeroPadding(outGradient);
            weigh(shares);
            Nd4j.matmul(shares, outGradient, valueSums, true, false, false);
            throughSoftmax(shares, out, outGradient, v);
            if (slopes != null) {
                shares.muli(slopes);
            }
            shares.muli(spec.scale());
            Nd4j.matmul(shares, q, keySums, true, false, false);
            // The weighted values are not needed any more, and the queries' gradients have their shape.
            Nd4j.matmul(shares, k, out, false, false, false);
            return new AttentionGradients(join(out, spec.group()), join(keySums, 1), join(valueSums, 1));
        }
    }

    /** Replaces the weights P of the values by the gradients of the scores, {@code P ⊙ (dO·Vᵀ − rowsum(dO ⊙ O))}. */
    private void throughSoftmax(INDArray shares, INDArray out, INDArray outGradient, INDArray v) {
        try (INDArray passed = shares.ulike();
                INDArray products = out.mul(outGradient);
                INDArray sums = products.sum(2)) {
            Nd4j.matmul(outGradient, v, passed, false, true, false);
            rows(passed).subiColumnVector(sums.reshape('c', sums.length(), 1));
            shares.muli(passed);
        }
    }

    private INDArray rows(INDArray matrices) {
        return matrices.reshape('c', matrices.length() / length, length);
    }

    /** Padding repeats a row, whose gradient must not count again. */
    private void zeroPadding(INDArray gradient) {
        for (int i = 0; i < batch; i++) {
            if (sequences.length(i) < length) {
                gradient.reshape('c', batch, (long) spec.heads(), length, spec.headSize())
                        .get(
                                NDArrayIndex.point(i),
                                NDArrayIndex.all(),
                                NDArrayIndex.interval(sequences.length(i), length),
                                NDArrayIndex.all())
                        .assign(0);
            }
        }
    }

    /** The products of queries and keys, {@code [batch · keyValueHeads, group · length, length]}. */
    private INDArray scores(INDArray q, INDArray k) {
        INDArray scores = Nd4j.createUninitialized(
                DataType.FLOAT,
                new long[] {(long) batch * spec.keyValueHeads(), (long) spec.group() * length, length},
                'c');
        return Nd4j.matmul(q, k, scores, false, true, false);
    }

    /** The derivative of the soft cap at each product, 1 − tanh²; null without one. */
    private INDArray capSlopes(INDArray products) {
        if (spec.softCap().isEmpty()) {
            return null;
        }
        INDArray slopes = products.mul(spec.scale() / spec.softCap().getAsDouble());
        Transforms.tanh(slopes, false);
        return slopes.muli(slopes).rsubi(1);
    }

    /** Replaces products by the weights of the values. */
    private void weigh(INDArray scores) {
        scores.muli(spec.scale());
        spec.softCap().ifPresent(cap -> {
            scores.divi(cap);
            Transforms.tanh(scores, false).muli(cap);
        });
        mask(scores);
        if (spec.sinks().isEmpty()) {
            Nd4j.exec(new SoftMax(scores, scores, -1));
        } else {
            softmaxWithSinks(rows(scores));
        }
    }

    private void softmaxWithSinks(INDArray rows) {
        float[] each = new float[Math.toIntExact(rows.size(0))];
        for (int row = 0; row < each.length; row++) {
            each[row] = spec.sinks().get(row / length % spec.heads());
        }
        try (INDArray sinks = Nd4j.createFromArray(each);
                INDArray seen = rows.max(1);
                INDArray highest = Transforms.max(seen, sinks)) {
            INDArray column = highest.reshape('c', each.length, 1);
            rows.subiColumnVector(column);
            Transforms.exp(rows, false);
            sinks.subi(highest);
            Transforms.exp(sinks, false);
            try (INDArray sums = rows.sum(1)) {
                sums.addi(sinks);
                rows.diviColumnVector(sums.reshape('c', each.length, 1));
            }
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
    private INDArray join(INDArray heads, int group) {
        INDArray padded = heads.reshape('c', batch, spec.keyValueHeads(), group, length, spec.headSize())
                .permute(0, 3, 1, 2, 4)
                .dup('c')
                .reshape('c', (long) batch * length, (long) spec.keyValueHeads() * group * spec.headSize());
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
}
