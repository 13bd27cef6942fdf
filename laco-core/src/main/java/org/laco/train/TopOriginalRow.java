package org.laco.train;

import org.laco.kernel.Sums;
import org.laco.measure.Likeliest;

/**
 * The original's likeliest tokens, and all others as one class r: KL = Σ q_i log(q_i / p_i) + q_r log(q_r / p_r).
 *
 * <p>Its gradient by a logit of p is p_j − q_j for a token told apart, and p_j · (1 − q_r / p_r) for another.
 */
final class TopOriginalRow implements OriginalRow {
    private final int count;
    private final int[] tokens;
    private final double[] logProbabilities;
    private double logRest;

    TopOriginalRow(int count) {
        this.count = count;
        this.tokens = new int[count];
        this.logProbabilities = new double[count];
    }

    /** A row holds the tokens' numbers, the logarithms of their probabilities, and that of all others' together. */
    static int width(int count) {
        return 2 * count + 1;
    }

    /** Writes what is kept of a distribution: the likeliest tokens in the order of their numbers, the first of equals. */
    static void keep(NextTokenRow row, int count, float[] kept) {
        int[] likeliest = Likeliest.of(row.logits(), count);
        boolean[] told = new boolean[row.logits().length];
        for (int i = 0; i < count; i++) {
            kept[i] = likeliest[i];
            kept[count + i] = (float) row.logProbability(likeliest[i]);
            told[likeliest[i]] = true;
        }
        double rest = 0;
        for (int i = 0; i < told.length; i++) {
            rest += told[i] ? 0 : row.probabilities()[i];
        }
        kept[2 * count] = (float) Math.log(rest);
    }

    @Override
    public void read(float[] kept) {
        for (int i = 0; i < count; i++) {
            tokens[i] = (int) kept[i];
            logProbabilities[i] = kept[count + i];
        }
        logRest = kept[2 * count];
    }

    @Override
    public double divergence(NextTokenRow trained, float[] gradient, float factor) {
        float[] p = trained.probabilities();
        double rest = Math.exp(logRest);
        double trainedRest = restOf(p);
        double divergence = rest == 0 || trainedRest == 0 ? 0 : rest * (logRest - Math.log(trainedRest));
        float others = trainedRest == 0 ? factor : (float) (factor * (1 - rest / trainedRest));
        for (int i = 0; i < p.length; i++) {
            gradient[i] += others * p[i];
        }
        for (int i = 0; i < count; i++) {
            int token = tokens[i];
            double q = Math.exp(logProbabilities[i]);
            divergence += q * (logProbabilities[i] - trained.logProbability(token));
            gradient[token] += (float) (factor * (p[token] - q)) - others * p[token];
        }
        return Math.max(0, divergence);
    }

    /** What the tokens that aren't told apart have together; summed by itself, since a difference from 1 would be mostly rounding. */
    private double restOf(float[] p) {
        float[] told = new float[count];
        for (int i = 0; i < count; i++) {
            told[i] = p[tokens[i]];
            p[tokens[i]] = 0;
        }
        double sum = Sums.of(p, 0, p.length);
        for (int i = 0; i < count; i++) {
            p[tokens[i]] = told[i];
        }
        return sum;
    }
}
