package org.laco.kernel;

/** {@link Activation}s together with their derivatives, which have much in common. */
final class Slopes {
    static final double GELU_FACTOR = Math.sqrt(2 / Math.PI);
    static final double GELU_CUBE = 0.044715;

    private Slopes() {}

    /** Replaces numbers by the function's values, and puts its derivatives there beside them. */
    static void of(Activation activation, float[] x, float[] slopes, int count) {
        switch (activation) {
            case SILU -> silu(x, slopes, count);
            case GELU -> gelu(x, slopes, count);
            case GELU_TANH -> geluTanh(x, slopes, count);
            case RELU -> relu(x, slopes, count);
            default -> each(ElementFunction.of(activation), x, slopes, count);
        }
    }

    /** With s = sigmoid(x): s + x·s·(1 − s). */
    private static void silu(float[] x, float[] slopes, int count) {
        for (int i = 0; i < count; i++) {
            float sigmoid = 1 / (1 + Exponential.exp(-x[i]));
            x[i] *= sigmoid;
            slopes[i] = sigmoid + x[i] * (1 - sigmoid);
        }
    }

    /** Φ(x) + x · φ(x). */
    private static void gelu(float[] x, float[] slopes, int count) {
        double share = 1 / Math.sqrt(2 * Math.PI);
        double root = Math.sqrt(0.5);
        for (int i = 0; i < count; i++) {
            double v = x[i];
            double normal = 0.5 * (1 + ErrorFunction.erf(v * root));
            x[i] = (float) (v * normal);
            slopes[i] = (float) (normal + v * share * Exponential.exp(-0.5 * v * v));
        }
    }

    /** With t = tanh(u(x)): (1 + t) / 2 + x/2 · (1 − t²) · u′(x). */
    private static void geluTanh(float[] x, float[] slopes, int count) {
        for (int i = 0; i < count; i++) {
            double v = x[i];
            double t = Exponential.tanh(GELU_FACTOR * (v + GELU_CUBE * v * v * v));
            double inner = GELU_FACTOR * (1 + 3 * GELU_CUBE * v * v);
            x[i] = (float) (0.5 * v * (1 + t));
            slopes[i] = (float) (0.5 * (1 + t) + 0.5 * v * (1 - t * t) * inner);
        }
    }

    private static void relu(float[] x, float[] slopes, int count) {
        for (int i = 0; i < count; i++) {
            slopes[i] = x[i] > 0 ? 1 : 0;
            x[i] = Math.max(x[i], 0);
        }
    }

    private static void each(ElementFunction function, float[] x, float[] slopes, int count) {
        for (int i = 0; i < count; i++) {
            slopes[i] = (float) function.slope().applyAsDouble(x[i]);
            x[i] = (float) function.value().applyAsDouble(x[i]);
        }
    }
}
