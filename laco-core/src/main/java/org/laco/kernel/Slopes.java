package org.laco.kernel;

/** The derivatives of {@link Activation}s. */
final class Slopes {
    static final double GELU_FACTOR = Math.sqrt(2 / Math.PI);
    static final double GELU_CUBE = 0.044715;

    private Slopes() {}

    /** The derivative at x. */
    static float of(Activation activation, float x) {
        return switch (activation) {
            case SILU -> silu(x);
            case GELU_TANH -> geluTanh(x);
            case RELU -> x > 0 ? 1 : 0;
            case GELU -> gelu(x);
        };
    }

    private static float silu(float x) {
        float sigmoid = 1 / (1 + Exponential.exp(-x));
        return sigmoid * (1 + x * (1 - sigmoid));
    }

    /** Φ(x) + x · φ(x). */
    private static float gelu(double x) {
        double normal = 0.5 * (1 + ErrorFunction.erf(x * Math.sqrt(0.5)));
        return (float) (normal + x * Exponential.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI));
    }

    private static float geluTanh(double x) {
        double t = Exponential.tanh(GELU_FACTOR * (x + GELU_CUBE * x * x * x));
        double inner = GELU_FACTOR * (1 + 3 * GELU_CUBE * x * x);
        return (float) (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner);
    }
}
