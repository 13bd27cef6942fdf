package org.laco.kernel;

import org.laco.base.Internal;

/** Sums of float32 elements in float64, in four partial sums that the processor adds to independently of one another. */
@Internal
public final class Sums {
    private Sums() {}

    /**
     * Adds elements up.
     *
     * @param values the elements
     * @param from the first of them
     * @param length how many
     * @return their sum
     */
    public static double of(float[] values, int from, int length) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = from;
        for (; i + 4 <= from + length; i += 4) {
            s0 += values[i];
            s1 += values[i + 1];
            s2 += values[i + 2];
            s3 += values[i + 3];
        }
        for (; i < from + length; i++) {
            s0 += values[i];
        }
        return (s0 + s1) + (s2 + s3);
    }

    /** Returns Σ a · b over the elements at the same places. */
    static double ofProducts(float[] a, float[] b, int from, int length) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = from;
        for (; i + 4 <= from + length; i += 4) {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }
        for (; i < from + length; i++) {
            s0 += a[i] * b[i];
        }
        return (s0 + s1) + (s2 + s3);
    }

    /** Returns Σ (value − shift)². */
    static double ofSquares(float[] values, int from, int length, double shift) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = from;
        for (; i + 4 <= from + length; i += 4) {
            double v0 = values[i] - shift;
            double v1 = values[i + 1] - shift;
            double v2 = values[i + 2] - shift;
            double v3 = values[i + 3] - shift;
            s0 += v0 * v0;
            s1 += v1 * v1;
            s2 += v2 * v2;
            s3 += v3 * v3;
        }
        for (; i < from + length; i++) {
            double v = values[i] - shift;
            s0 += v * v;
        }
        return (s0 + s1) + (s2 + s3);
    }
}
