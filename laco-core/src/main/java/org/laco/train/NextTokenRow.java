package org.laco.train;

import org.laco.kernel.Exponential;

/** The distribution of one next token, p = softmax(logits), in buffers that are used for one row after another. */
final class NextTokenRow {
    private final float[] logits;
    private final float[] probabilities;
    private double normaliser;

    NextTokenRow(int vocabulary) {
        this.logits = new float[vocabulary];
        this.probabilities = new float[vocabulary];
    }

    /** Where a row's logits are put before {@link #normalise}. */
    float[] logits() {
        return logits;
    }

    float[] probabilities() {
        return probabilities;
    }

    /** log Σ exp(logit). */
    double normaliser() {
        return normaliser;
    }

    /** log p of a token. */
    double logProbability(int token) {
        return logits[token] - normaliser;
    }

    /** Computes the probabilities of the logits; their sum is made in float64. */
    void normalise() {
        float highest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            highest = Math.max(highest, logit);
        }
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = Exponential.exp(logits[i] - highest);
        }
        double sum = sum(probabilities);
        normaliser = highest + Math.log(sum);
        float share = (float) (1 / sum);
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] *= share;
        }
    }

    /** Four sums at once, since each addition waits for the one before it. */
    static double sum(float[] values) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 4 <= values.length; i += 4) {
            s0 += values[i];
            s1 += values[i + 1];
            s2 += values[i + 2];
            s3 += values[i + 3];
        }
        for (; i < values.length; i++) {
            s0 += values[i];
        }
        return (s0 + s1) + (s2 + s3);
    }
}
