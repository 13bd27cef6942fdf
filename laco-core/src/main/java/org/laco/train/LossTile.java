package org.laco.train;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes the losses of some rows of logits and their gradient, several rows at a time. */
final class LossTile {
    /** Rows that share buffers: few, so that there is work for every thread. */
    private static final int BLOCK = 16;

    /** What a position without a next token has in the list of tokens. */
    static final int NONE = -1;

    private final Optional<Supplier<OriginalRow>> original;
    private final float divergenceFactor;
    private final float nextTokenFactor;

    /**
     * @param original makes buffers for the original's distribution, empty if no divergence is asked for
     * @param divergenceFactor the factor of a row's divergence in the gradient
     * @param nextTokenFactor the factor of a row's −log p of the next token
     */
    LossTile(Optional<Supplier<OriginalRow>> original, double divergenceFactor, double nextTokenFactor) {
        this.original = original;
        this.divergenceFactor = (float) divergenceFactor;
        this.nextTokenFactor = (float) nextTokenFactor;
    }

    /**
     * Sums of losses, unweighted.
     *
     * @param divergence the sum of the divergences
     * @param nextToken the sum of −log p
     */
    record Sums(double divergence, double nextToken) {
        static final Sums ZERO = new Sums(0, 0);

        Sums plus(Sums other) {
            return new Sums(divergence + other.divergence, nextToken + other.nextToken);
        }
    }

    /**
     * Computes losses and gradients.
     *
     * @param logits the trained model's logits {@code [rows, vocabulary]}
     * @param kept what is kept of the original's distributions, a row each, or null
     * @param next the token that follows each row, or {@link #NONE}
     * @param gradient receives the gradient by the logits, of their shape, or null if it isn't wanted
     * @return the sums over all rows
     */
    Sums compute(INDArray logits, INDArray kept, int[] next, INDArray gradient) {
        Sums[] sums = new Sums[(next.length + BLOCK - 1) / BLOCK];
        IntStream.range(0, sums.length)
                .parallel()
                .forEach(block -> sums[block] = compute(
                        block * BLOCK, Math.min(next.length, (block + 1) * BLOCK), logits, kept, next, gradient));
        Sums total = Sums.ZERO;
        for (Sums part : sums) {
            total = total.plus(part);
        }
        return total;
    }

    private Sums compute(int from, int to, INDArray logits, INDArray kept, int[] next, INDArray gradient) {
        int vocabulary = Math.toIntExact(logits.size(1));
        NextTokenRow row = new NextTokenRow(vocabulary);
        Optional<OriginalRow> other = original.map(Supplier::get);
        float[] keptRow = kept == null ? null : new float[Math.toIntExact(kept.size(1))];
        float[] slope = new float[vocabulary];
        Sums sums = Sums.ZERO;
        for (int i = from; i < to; i++) {
            HostFloats.of(logits).get(i * vocabulary, row.logits(), vocabulary);
            row.normalise();
            Arrays.fill(slope, 0);
            double divergence = 0;
            if (other.isPresent()) {
                HostFloats.of(kept).get(i * keptRow.length, keptRow, keptRow.length);
                other.get().read(keptRow);
                divergence = other.get().divergence(row, slope, divergenceFactor);
            }
            sums = sums.plus(new Sums(divergence, next[i] == NONE ? 0 : nextToken(row, next[i], slope)));
            if (gradient != null) {
                HostFloats.of(gradient).put(i * vocabulary, slope, vocabulary);
            }
        }
        return sums;
    }

    private double nextToken(NextTokenRow row, int token, float[] gradient) {
        if (nextTokenFactor != 0) {
            float[] p = row.probabilities();
            for (int i = 0; i < p.length; i++) {
                gradient[i] += nextTokenFactor * p[i];
            }
            gradient[token] -= nextTokenFactor;
        }
        return -row.logProbability(token);
    }
}
