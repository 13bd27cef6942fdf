package org.laco.kernel;

import java.util.function.DoubleUnaryOperator;

/**
 * An {@link Activation} that few models have, with its derivative, number by number. Those that most models have are computed by loops of
 * their own.
 *
 * @param value the function
 * @param slope its derivative
 */
record ElementFunction(DoubleUnaryOperator value, DoubleUnaryOperator slope) {
    static final double QUICK_FACTOR = 1.702;
    static final double GELU_LIMIT = 10;
    static final double LEAK = 0.01;
    static final double LAPLACE_MEAN = 0.707107;
    static final double LAPLACE_DEVIATION = 0.282095;

    /** Beyond, mish is x to the last place, and the square of its exponential would overflow sooner than a float32. */
    private static final double MISH_LIMIT = 40;

    static ElementFunction of(Activation activation) {
        return switch (activation) {
            case GELU_QUICK ->
                new ElementFunction(x -> x * sigmoid(QUICK_FACTOR * x), x -> {
                    double share = sigmoid(QUICK_FACTOR * x);
                    return share * (1 + QUICK_FACTOR * x * (1 - share));
                });
            case GELU_CLIPPED ->
                new ElementFunction(x -> Math.min(gelu(x), GELU_LIMIT), x -> x < GELU_LIMIT ? geluSlope(x) : 0);
            case RELU_SQUARED -> new ElementFunction(x -> Math.max(x, 0) * Math.max(x, 0), x -> 2 * Math.max(x, 0));
            case RELU_6 -> new ElementFunction(ElementFunction::upToSix, x -> x > 0 && x < 6 ? 1 : 0);
            case LEAKY_RELU -> new ElementFunction(x -> x > 0 ? x : LEAK * x, x -> x > 0 ? 1 : LEAK);
            case HARD_SWISH ->
                new ElementFunction(x -> x * upToSix(x + 3) / 6, x -> x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6);
            case MISH ->
                new ElementFunction(x -> x * mishShare(x), x -> {
                    double share = mishShare(x);
                    return share + x * (1 - share * share) * sigmoid(x);
                });
            case LAPLACE ->
                new ElementFunction(
                        x -> 0.5 * (1 + ErrorFunction.erf(laplacePlace(x))),
                        x -> Exponential.exp(-laplacePlace(x) * laplacePlace(x))
                                / (LAPLACE_DEVIATION * Math.sqrt(2 * Math.PI)));
            case SQRT_SOFTPLUS ->
                new ElementFunction(x -> Math.sqrt(softplus(x)), x -> sigmoid(x) / (2 * Math.sqrt(softplus(x))));
            case SIGMOID -> new ElementFunction(ElementFunction::sigmoid, x -> sigmoid(x) * (1 - sigmoid(x)));
            case TANH -> new ElementFunction(Exponential::tanh, x -> 1 - Exponential.tanh(x) * Exponential.tanh(x));
            case LINEAR -> new ElementFunction(x -> x, x -> 1);
            case SILU, GELU, GELU_TANH, RELU -> throw new AssertionError(activation);
        };
    }

    /** Φ(x) · x. */
    static double gelu(double x) {
        return 0.5 * x * (1 + ErrorFunction.erf(x * Math.sqrt(0.5)));
    }

    /** Φ(x) + x · φ(x). */
    static double geluSlope(double x) {
        return 0.5 * (1 + ErrorFunction.erf(x * Math.sqrt(0.5)))
                + x * Exponential.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Exponential.exp(-x));
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Exponential.exp(-Math.abs(x)));
    }

    /** tanh(ln(1 + eˣ)) without the logarithm. */
    private static double mishShare(double x) {
        double exponential = Exponential.exp(Math.min(x, MISH_LIMIT));
        double square = exponential * (exponential + 2);
        return square / (square + 2);
    }

    private static double laplacePlace(double x) {
        return (x - LAPLACE_MEAN) / (LAPLACE_DEVIATION * Math.sqrt(2));
    }

    private static double upToSix(double x) {
        return Math.min(Math.max(x, 0), 6);
    }
}
