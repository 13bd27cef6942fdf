package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Vectors of positions of waves whose lengths grow from 2π (Vaswani et al., arXiv 1706.03762, section 3.5), the sines of a position p before its
 * cosines: {@code sin(p · 10000^(−i / n)), cos(p · 10000^(−i / n))}.
 *
 * @param divisor n, by which the wave's number i is divided
 */
public record Sinusoids(int divisor) {
    /** Checks the divisor. */
    public Sinusoids {
        checkArgument(divisor > 0, "the numbers of waves can't be divided by %s", divisor);
    }

    /**
     * Computes the vector of a position.
     *
     * @param position the position
     * @param width the number of elements, an even one
     * @return the vector
     */
    public float[] row(int position, int width) {
        float[] row = new float[width];
        int half = width / 2;
        for (int i = 0; i < half; i++) {
            double angle = position * Math.pow(10_000, -(double) i / divisor);
            row[i] = (float) Math.sin(angle);
            row[half + i] = (float) Math.cos(angle);
        }
        return row;
    }
}
