package org.laco.model.block;

/**
 * The sum of the shares of a row's experts, kept from 0: {@code max(Σ share + added, least)}.
 *
 * @param added what is added to the sum
 * @param least the least value of the result
 */
public record ShareSum(double added, double least) {
    /**
     * Returns the sum that most models take, with 10⁻²⁰ added.
     *
     * @return the sum
     */
    public static ShareSum plain() {
        return new ShareSum(1e-20, 0);
    }

    float of(float[] shares, int[] experts) {
        return Math.max(sum(shares, experts), (float) least);
    }

    /** Whether the result grows with the shares, where it isn't the least one. */
    boolean grows(float[] shares, int[] experts) {
        return sum(shares, experts) >= (float) least;
    }

    private float sum(float[] shares, int[] experts) {
        float sum = (float) added;
        for (int expert : experts) {
            sum += shares[expert];
        }
        return sum;
    }
}
