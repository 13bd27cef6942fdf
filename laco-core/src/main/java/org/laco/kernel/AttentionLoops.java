package org.laco.kernel;

import java.util.ArrayList;
import java.util.List;

/** Attention by loops over Java arrays, for sequences that are too short for matrix products to pay. */
final class AttentionLoops {
    /** Query rows that one thread computes at a time, reading the keys and values of all before them. */
    private static final int BLOCK = 32;

    private final AttentionSpec spec;
    private final AttentionWeights weights;
    private final int queryWidth;
    private final int keyWidth;
    private final RowChunks chunks;

    AttentionLoops(AttentionSpec spec, AttentionWeights weights, RowChunks chunks) {
        this.spec = spec;
        this.weights = weights;
        this.queryWidth = spec.queryWidth();
        this.keyWidth = spec.keyWidth();
        this.chunks = chunks;
    }

    /** Returns what computes the rows of one sequence, in parts that may run in any order. */
    List<Runnable> tasks(AttentionArrays arrays, AttendedRows sequence) {
        List<Runnable> tasks = new ArrayList<>();
        for (int from = sequence.first(); from < sequence.length(); from += BLOCK) {
            int first = from;
            tasks.add(() -> compute(arrays, sequence, first, Math.min(sequence.length(), first + BLOCK)));
        }
        return tasks;
    }

    /** Computes the positions {@code [from, to)} of a sequence. */
    private void compute(AttentionArrays arrays, AttendedRows sequence, int from, int to) {
        int rows = to - from;
        float[] q = chunks.take(rows * queryWidth);
        float[] k = chunks.take(to * keyWidth);
        float[] v = chunks.take(to * keyWidth);
        float[] weighted = chunks.take(rows * queryWidth);
        float[] shares = chunks.take(to);
        sequence.copy(arrays.queries(), queryWidth, from, to, q);
        sequence.copy(arrays.keys(), keyWidth, 0, to, k);
        sequence.copy(arrays.values(), keyWidth, 0, to, v);
        for (int row = 0; row < rows; row++) {
            int query = from + row;
            int first = weights.first(query);
            for (int head = 0; head < spec.heads(); head++) {
                int at = row * queryWidth + head * spec.headSize();
                int shared = head / spec.group() * spec.headSize();
                for (int key = first; key <= query; key++) {
                    shares[key] = dot(q, at, k, key * keyWidth + shared, spec.headSize());
                }
                weights.weigh(shares, first, query - first + 1, head);
                sum(shares, first, query, v, shared, weighted, at);
            }
        }
        arrays.out().put(sequence.row(from) * queryWidth, weighted, rows * queryWidth);
        List.of(q, k, v, weighted, shares).forEach(chunks::give);
    }

    private void sum(float[] shares, int first, int last, float[] v, int shared, float[] weighted, int at) {
        int size = spec.headSize();
        for (int d = 0; d < size; d++) {
            weighted[at + d] = 0;
        }
        for (int key = first; key <= last; key++) {
            float share = shares[key];
            int value = key * keyWidth + shared;
            for (int d = 0; d < size; d++) {
                weighted[at + d] += share * v[value + d];
            }
        }
    }

    /** A dot product in eight partial sums, which the processor adds to independently of one another. */
    private static float dot(float[] a, int atA, float[] b, int atB, int length) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            s0 += a[atA + i] * b[atB + i];
            s1 += a[atA + i + 1] * b[atB + i + 1];
            s2 += a[atA + i + 2] * b[atB + i + 2];
            s3 += a[atA + i + 3] * b[atB + i + 3];
            s4 += a[atA + i + 4] * b[atB + i + 4];
            s5 += a[atA + i + 5] * b[atB + i + 5];
            s6 += a[atA + i + 6] * b[atB + i + 6];
            s7 += a[atA + i + 7] * b[atB + i + 7];
        }
        for (; i < length; i++) {
            s0 += a[atA + i] * b[atB + i];
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    }
}
