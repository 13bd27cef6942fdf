package org.laco.model.block;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.laco.kernel.Activation;

/** Arithmetic on matrices in float64. */
final class Naive {
    /** Intervals of the integral that the error function is. */
    private static final int INTERVALS = 200;

    private Naive() {}

    static double[][] map(double[][] x, DoubleUnaryOperator function) {
        return combine(x, x, (a, b) -> function.applyAsDouble(a));
    }

    static double[][] combine(double[][] x, double[][] y, DoubleBinaryOperator function) {
        double[][] out = new double[x.length][x[0].length];
        for (int row = 0; row < x.length; row++) {
            for (int i = 0; i < x[0].length; i++) {
                out[row][i] = function.applyAsDouble(x[row][i], y[row][i]);
            }
        }
        return out;
    }

    static double[][] columns(double[][] x, int from, int count) {
        return Arrays.stream(x)
                .map(row -> Arrays.copyOfRange(row, from, from + count))
                .toArray(double[][]::new);
    }

    /** Puts matrices side by side. */
    static double[][] join(List<double[][]> parts) {
        double[][] joined = new double[parts.get(0).length][];
        for (int row = 0; row < joined.length; row++) {
            int at = row;
            joined[row] = parts.stream()
                    .flatMapToDouble(part -> Arrays.stream(part[at]))
                    .toArray();
        }
        return joined;
    }

    static DoubleUnaryOperator of(Activation activation) {
        return switch (activation) {
            case SILU -> x -> x / (1 + Math.exp(-x));
            case GELU -> x -> x * (0.5 + normalIntegral(x));
            case GELU_TANH -> x -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case GELU_QUICK -> x -> x * sigmoid(1.702 * x);
            case GELU_CLIPPED -> x -> Math.max(-10, Math.min(10, x * (0.5 + normalIntegral(x))));
            case RELU -> x -> Math.max(x, 0);
            case RELU_SQUARED -> x -> Math.pow(Math.max(x, 0), 2);
            case RELU_6 -> x -> Math.max(0, Math.min(6, x));
            case LEAKY_RELU -> x -> Math.max(0, x) + 0.01 * Math.min(0, x);
            case HARD_SWISH -> x -> x * Math.max(0, Math.min(6, x + 3)) / 6;
            case MISH -> x -> x * Math.tanh(Math.log1p(Math.exp(x)));
            case LAPLACE -> x -> 0.5 + normalIntegral((x - 0.707107) / 0.282095);
            case SQRT_SOFTPLUS -> x -> Math.sqrt(Math.log1p(Math.exp(x)));
            case SIGMOID -> Naive::sigmoid;
            case TANH -> Math::tanh;
            case LINEAR -> x -> x;
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** The integral of the normal density from 0, by Simpson's rule. */
    private static double normalIntegral(double x) {
        double step = x / INTERVALS;
        double sum = 0;
        for (int i = 0; i <= INTERVALS; i++) {
            int factor = i == 0 || i == INTERVALS ? 1 : i % 2 == 1 ? 4 : 2;
            sum += factor * Math.exp(-i * step * i * step / 2);
        }
        return sum * step / 3 / Math.sqrt(2 * Math.PI);
    }

    static double[] softmax(double[] scores) {
        double highest = Arrays.stream(scores).max().orElseThrow();
        double sum = Arrays.stream(scores).map(x -> Math.exp(x - highest)).sum();
        return Arrays.stream(scores).map(x -> Math.exp(x - highest) / sum).toArray();
    }

    /** The places of the largest numbers. */
    static int[] largest(double[] values, int count) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -values[i]))
                .mapToInt(i -> i)
                .limit(count)
                .toArray();
    }
}
