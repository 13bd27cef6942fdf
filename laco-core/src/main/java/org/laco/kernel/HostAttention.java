package org.laco.kernel;

import java.util.ArrayList;
import java.util.Arrays;
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
        float[] transposed = chunks.take(block.to * spec.headSize());
        for (int shared = 0; shared < spec.keyValueHeads(); shared++) {
            int column = shared * spec.headSize();
            transpose(k, column, block.to, transposed);
            for (int row = 0; row < rows; row++) {
                int query = block.from + row;
                int first = Math.max(0, query - spec.window().orElse(Integer.MAX_VALUE) + 1);
                for (int head = shared * spec.group(); head < (shared + 1) * spec.group(); head++) {
                    int at = row * queryWidth + head * spec.headSize();
                    score(q, at, transposed, block.to, first, query, head, scores);
                    double sum = exponentiate(scores, first, query);
                    weigh(scores, sum, v, column, first, query, weighted, at);
                }
            }
        }
        out.put((block.start + block.from) * queryWidth, weighted, rows * queryWidth);
        List.of(q, k, v, weighted, scores, transposed).forEach(chunks::give);
    }

    /** Puts a head's keys side by side, so that a query meets all of them at once. */
    private void transpose(float[] k, int column, int keys, float[] transposed) {
        for (int key = 0; key < keys; key++) {
            for (int d = 0; d < spec.headSize(); d++) {
                transposed[d * keys + key] = k[key * keyWidth + column + d];
            }
        }
    }

    /** Computes the scores of the keys {@code [first, query]}. */
    private void score(
            float[] q, int at, float[] transposed, int keys, int first, int query, int head, float[] scores) {
        Arrays.fill(scores, first, query + 1, 0);
        for (int d = 0; d < spec.headSize(); d++) {
            float scaled = q[at + d] * (float) spec.scale();
            int row = d * keys;
            for (int key = first; key <= query; key++) {
                scores[key] += scaled * transposed[row + key];
            }
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
            scores[key] = Exponential.exp(scores[key] - highest);
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
}
