package org.laco.kernel;

import java.util.ArrayList;
import java.util.List;
import org.laco.SequenceLayout;
import org.laco.tensor.HostFloats;

/**
 * Causal attention by loops over Java arrays, each sequence by itself and without padding.
 *
 * <p>What is computed for a row depends on its sequence alone, in an order that depends on nothing else, so that a row's result is
 * the same in every batch.
 */
final class HostAttention {
    /** Query rows that one thread computes at a time, reading the keys and values of all before them. */
    private static final int BLOCK = 32;

    private final AttentionSpec spec;
    private final int queryWidth;
    private final int keyWidth;
    private final RowChunks chunks;

    HostAttention(AttentionSpec spec, RowChunks chunks) {
        this.spec = spec;
        this.queryWidth = spec.heads() * spec.headSize();
        this.keyWidth = spec.keyValueHeads() * spec.headSize();
        this.chunks = chunks;
    }

    /** Rows {@code [from, to)} of the sequence that starts at a row of the batch. */
    private record Block(int start, int from, int to) {}

    void compute(HostFloats queries, HostFloats keys, HostFloats values, SequenceLayout sequences, HostFloats out) {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < sequences.count(); i++) {
            for (int from = 0; from < sequences.length(i); from += BLOCK) {
                blocks.add(new Block(sequences.start(i), from, Math.min(sequences.length(i), from + BLOCK)));
            }
        }
        chunks.each(blocks.size(), i -> compute(blocks.get(i), queries, keys, values, out));
    }

    private void compute(Block block, HostFloats queries, HostFloats keys, HostFloats values, HostFloats out) {
        int rows = block.to - block.from;
        float[] q = chunks.take(rows * queryWidth);
        float[] k = chunks.take(block.to * keyWidth);
        float[] v = chunks.take(block.to * keyWidth);
        float[] weighted = chunks.take(rows * queryWidth);
        float[] scores = chunks.take(block.to);
        queries.get((block.start + block.from) * queryWidth, q, rows * queryWidth);
        keys.get(block.start * keyWidth, k, block.to * keyWidth);
        values.get(block.start * keyWidth, v, block.to * keyWidth);
        for (int row = 0; row < rows; row++) {
            int query = block.from + row;
            int first = Math.max(0, query - spec.window().orElse(Integer.MAX_VALUE) + 1);
            for (int head = 0; head < spec.heads(); head++) {
                int at = row * queryWidth + head * spec.headSize();
                int shared = head / spec.group() * spec.headSize();
                score(q, at, k, shared, first, query, head, scores);
                double sum = exponentiate(scores, first, query);
                weigh(scores, sum, v, shared, first, query, weighted, at);
            }
        }
        out.put((block.start + block.from) * queryWidth, weighted, rows * queryWidth);
        List.of(q, k, v, weighted, scores).forEach(chunks::give);
    }

    /** Computes the scores of the keys {@code [first, query]}. */
    private void score(float[] q, int at, float[] k, int shared, int first, int query, int head, float[] scores) {
        float scale = (float) spec.scale();
        for (int key = first; key <= query; key++) {
            scores[key] = scale * dot(q, at, k, key * keyWidth + shared, spec.headSize());
        }
        if (spec.softCap().isPresent()) {
            double cap = spec.softCap().getAsDouble();
            for (int key = first; key <= query; key++) {
                scores[key] = (float) (cap * Exponential.tanh(scores[key] / cap));
            }
        }
        if (!spec.slopes().isEmpty()) {
            double slope = spec.slopes().get(head);
            for (int key = first; key <= query; key++) {
                scores[key] += (float) (slope * (key - query));
            }
        }
    }

    /** Replaces scores by exp(score − highest) and returns their sum. */
    private static double exponentiate(float[] scores, int first, int last) {
        float highest = Float.NEGATIVE_INFINITY;
        for (int key = first; key <= last; key++) {
            highest = Math.max(highest, scores[key]);
        }
        double sum = 0;
        for (int key = first; key <= last; key++) {
            scores[key] = (float) Exponential.exp(scores[key] - highest);
            sum += scores[key];
        }
        return sum;
    }

    private void weigh(
            float[] scores, double sum, float[] v, int shared, int first, int last, float[] weighted, int at) {
        int size = spec.headSize();
        for (int d = 0; d < size; d++) {
            weighted[at + d] = 0;
        }
        for (int key = first; key <= last; key++) {
            float weight = (float) (scores[key] / sum);
            int value = key * keyWidth + shared;
            for (int d = 0; d < size; d++) {
                weighted[at + d] += weight * v[value + d];
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
