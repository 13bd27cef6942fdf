package org.laco.kernel;

/** The functions that time steps and decays of recurrences come from, in float64. */
final class TimeSteps {
    /** From here on ln(1 + eˣ) is x in float32. */
    private static final double LINEAR = 20;

    private TimeSteps() {}

    /** ln(1 + eˣ). */
    static double softplus(double x) {
        return x > LINEAR ? x : Math.log1p(Math.exp(x));
    }

    /** 1 / (1 + e⁻ˣ), the derivative of {@link #softplus}. */
    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
