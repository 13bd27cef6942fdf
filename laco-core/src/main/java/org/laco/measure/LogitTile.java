package org.laco.measure;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.kernel.Exponential;
import org.laco.stack.LanguageStack;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Next-token distributions of some rows, computed by loops over host memory, several rows at a time.
 *
 * <p>Exponentials are summed in double: one running float32 carries an error that over a vocabulary reaches 5e-5.
 */
final class LogitTile implements AutoCloseable {
    /** How many logits are computed at once. */
    private static final int ELEMENTS = 1 << 23;

    /** Arrays that live at once when two models are compared: the logits of both, and what is computed from them. */
    private static final int ARRAYS = 3;

    private final INDArray logits;
    private final HostFloats values;
    private final int width;
    private final int[] best;
    /** log Σ exp(logit) of each row. */
    private final double[] normalisers;
    /** Σ exp(logit − highest logit) of each row. */
    private final double[] sums;
    /** The summands of each row, empty unless the block is one that others are compared with. */
    private final float[][] exponentials;

    private LogitTile(INDArray logits, boolean reference) {
        this.logits = logits;
        this.values = HostFloats.of(logits);
        this.width = Math.toIntExact(logits.size(1));
        this.best = new int[Math.toIntExact(logits.size(0))];
        this.normalisers = new double[best.length];
        this.sums = new double[best.length];
        this.exponentials = new float[reference ? best.length : 0][];
        IntStream.range(0, best.length).parallel().forEach(this::normalise);
    }

    /** Returns how many elements comparing two models on so many rows holds at once. */
    static long elements(long rows, long vocabulary) {
        return ARRAYS * Math.min(rows * vocabulary, Math.max(ELEMENTS, vocabulary));
    }

    /** Takes the distributions of some of many rows. */
    @FunctionalInterface
    interface Part {
        void accept(LogitTile block, int from, int to);
    }

    /** Computes the distributions that follow many rows, a part of them at a time. */
    static void forEach(LanguageStack model, INDArray output, int[] rows, Part part) {
        forEach(model, output, rows, false, part);
    }

    /** Computes distributions whose {@link #divergence} from others is asked for. */
    static void forEachReference(LanguageStack model, INDArray output, int[] rows, Part part) {
        forEach(model, output, rows, true, part);
    }

    private static void forEach(LanguageStack model, INDArray output, int[] rows, boolean reference, Part part) {
        int blockRows = Math.max(1, ELEMENTS / model.vocabulary());
        for (int from = 0; from < rows.length; from += blockRows) {
            int to = Math.min(rows.length, from + blockRows);
            try (LogitTile block = of(model, output, Arrays.copyOfRange(rows, from, to), reference)) {
                part.accept(block, from, to);
            }
        }
    }

    /** Computes the distributions that follow some rows of final hidden states. */
    static LogitTile of(LanguageStack model, INDArray output, int[] rows) {
        return of(model, output, rows, false);
    }

    private static LogitTile of(LanguageStack model, INDArray output, int[] rows, boolean reference) {
        try (INDArray picked = Nd4j.pullRows(output, 1, rows)) {
            return new LogitTile(model.logits(picked), reference);
        }
    }

    private void normalise(int row) {
        float[] logit = row(row);
        int highest = 0;
        for (int i = 1; i < width; i++) {
            if (logit[i] > logit[highest]) {
                highest = i;
            }
        }
        float shift = logit[highest];
        double sum = 0;
        for (int i = 0; i < width; i++) {
            logit[i] = Exponential.exp(logit[i] - shift);
            sum += logit[i];
        }
        best[row] = highest;
        sums[row] = sum;
        normalisers[row] = shift + Math.log(sum);
        if (exponentials.length > 0) {
            exponentials[row] = logit;
        }
    }

    private float[] row(int row) {
        float[] logit = new float[width];
        values.get(row * width, logit, width);
        return logit;
    }

    /** The likeliest token of each row, the first of equals. */
    int[] best() {
        return best;
    }

    /** The tokens of each row that are no less likely than so many of its likeliest ones; all where logits are not finite. */
    List<BitSet> likeliest(int count) {
        return IntStream.range(0, best.length)
                .parallel()
                .mapToObj(row -> likeliest(row, count))
                .toList();
    }

    private BitSet likeliest(int row, int count) {
        BitSet tokens = new BitSet(width);
        if (Double.isNaN(normalisers[row])) {
            tokens.set(0, width);
            return tokens;
        }
        float[] logit = row(row);
        float least = Likeliest.bound(logit, count);
        for (int i = 0; i < width; i++) {
            if (logit[i] >= least) {
                tokens.set(i);
            }
        }
        return tokens;
    }

    /** log p of one token a row; NaN where logits are not finite. */
    double[] logProbabilities(int[] tokens) {
        return IntStream.range(0, tokens.length)
                .mapToDouble(row -> logProbability(row, tokens[row]))
                .toArray();
    }

    /** log p of a token after a row; NaN where logits are not finite. */
    double logProbability(int row, int token) {
        float[] logit = new float[1];
        values.get(row * width + token, logit, 1);
        return logit[0] - normalisers[row];
    }

    /** Σ p (log p − log q) of each row, p being this reference's distribution and q the other's; NaN where logits are not finite. */
    double[] divergence(LogitTile other) {
        return IntStream.range(0, best.length)
                .parallel()
                .mapToDouble(row -> divergence(row, other))
                .toArray();
    }

    private double divergence(int row, LogitTile other) {
        float[] e = exponentials[row];
        float[] own = row(row);
        float[] others = other.row(row);
        // log p − log q = (logit of p − logit of q) − (normaliser of p − normaliser of q)
        double shift = normalisers[row] - other.normalisers[row];
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 4 <= width; i += 4) {
            s0 += e[i] * ((double) own[i] - others[i] - shift);
            s1 += e[i + 1] * ((double) own[i + 1] - others[i + 1] - shift);
            s2 += e[i + 2] * ((double) own[i + 2] - others[i + 2] - shift);
            s3 += e[i + 3] * ((double) own[i + 3] - others[i + 3] - shift);
        }
        for (; i < width; i++) {
            s0 += e[i] * ((double) own[i] - others[i] - shift);
        }
        double sum = ((s0 + s1) + (s2 + s3)) / sums[row];
        // Rounding can leave a sum slightly below 0, where the divergence isn't.
        return Math.max(0, sum);
    }

    @Override
    public void close() {
        logits.close();
    }
}
