package org.laco.train;

import org.laco.kernel.Exponential;
import org.laco.kernel.Sums;

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
            // Whatever is no number makes the sum none.
            highest = logit > highest ? logit : highest;
        }
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = Exponential.exp(logits[i] - highest);
        }
        double sum = Sums.of(probabilities, 0, probabilities.length);
        normaliser = highest + Math.log(sum);
        float share = (float) (1 / sum);
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] *= share;
        }
    }
}
