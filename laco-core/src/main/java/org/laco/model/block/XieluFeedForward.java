package org.laco.model.block;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A feed-forward block of two maps with a function between whose slopes are learned (Huang and Schlag, arXiv 2411.13010), {@code
 * down(xIELU(up(x)))}, where
 *
 * <pre>{@code
 * xIELU(x) = a · x² + β · x                          for x above 0
 * xIELU(x) = b · (exp(min(x, ε)) − 1 − x) + β · x    else
 * }</pre>
 *
 * <p>with {@code a = ln(1 + exp(alpha_p))} and {@code b = β + ln(1 + exp(alpha_n))}.
 *
 * @param up the map to what the function is applied to
 * @param down the map back to the hidden width
 * @param prefix what the names of the function's four tensors begin with, {@code alpha_p}, {@code alpha_n}, {@code beta} and {@code eps}
 */
public record XieluFeedForward(Linear up, Linear down, String prefix) implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray inner = up.apply(x, weights, pass);
        INDArray activated = activated(inner, weights);
        pass.kernels().release(inner);
        INDArray out = down.apply(activated, weights, pass);
        activated.close();
        return out;
    }

    private INDArray activated(INDArray x, LayerWeights weights) {
        INDArray sum = x.mul(beta(weights));
        try (INDArray positive = positive(x);
                INDArray negative = negative(x, weights)) {
            return sum.addi(positive.muli(slope(weights))).addi(negative.muli(bend(weights)));
        }
    }

    /** What a is multiplied by, x² above 0 and 0 else. */
    private static INDArray positive(INDArray x) {
        INDArray positive = Transforms.max(x, 0, true);
        return positive.muli(positive);
    }

    /** What b is multiplied by, exp(min(x, ε)) − 1 − x up to 0 and 0 else. */
    private INDArray negative(INDArray x, LayerWeights weights) {
        INDArray negative = Transforms.min(x, number("eps", weights), true);
        Transforms.expm1(negative, false);
        try (INDArray open = upToZero(x)) {
            return negative.subi(x).muli(open);
        }
    }

    private static INDArray upToZero(INDArray x) {
        try (INDArray open = x.lte(0)) {
            return open.castTo(x.dataType());
        }
    }

    private float number(String name, LayerWeights weights) {
        return weights.array(prefix + name).getFloat(0);
    }

    private float beta(LayerWeights weights) {
        return number("beta", weights);
    }

    private double slope(LayerWeights weights) {
        return softplus(number("alpha_p", weights));
    }

    private double bend(LayerWeights weights) {
        return beta(weights) + softplus(number("alpha_n", weights));
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording upRecording = up.record(x, weights, pass);
        INDArray activated = activated(upRecording.output(), weights);
        Recording downRecording = down.record(activated, weights, pass);
        return Recording.of(kernels::release, downRecording.detach(), (gradient, gradients) -> {
                    INDArray inner = upRecording.output();
                    INDArray innerGradient = downRecording.backward(gradient, gradients);
                    addNumberGradients(innerGradient, inner, weights, gradients);
                    try (INDArray slopes = slopes(inner, weights)) {
                        innerGradient.muli(slopes);
                    }
                    INDArray before = upRecording.backward(innerGradient, gradients);
                    kernels.release(innerGradient);
                    return before;
                })
                .keeping(upRecording, downRecording)
                .keeping(activated);
    }

    /** The function's derivative, 2 a x + β above 0 and b (exp(x) − 1) + β else, where the exponential doesn't move above ε. */
    private INDArray slopes(INDArray x, LayerWeights weights) {
        float epsilon = number("eps", weights);
        try (INDArray moving = x.lte(epsilon).castTo(x.dataType());
                INDArray open = upToZero(x);
                INDArray exponentials = Transforms.exp(Transforms.min(x, epsilon, true), false)) {
            INDArray slopes = Transforms.max(x, 0, true).muli(2 * slope(weights));
            return slopes.addi(exponentials.muli(moving).subi(1).muli(open).muli(bend(weights)))
                    .addi(beta(weights));
        }
    }

    /** In float64: what the numbers change is small beside the terms of either sign that it is the sum of. */
    private void addNumberGradients(INDArray gradient, INDArray x, LayerWeights weights, Gradients gradients) {
        try (INDArray wide = x.castTo(DataType.DOUBLE);
                INDArray factors = gradient.castTo(DataType.DOUBLE);
                INDArray positive = positive(wide);
                INDArray negative = negative(wide, weights)) {
            double byBend = dot(negative, factors);
            add(gradients, "beta", byBend + dot(wide, factors));
            add(gradients, "alpha_p", dot(positive, factors) * sigmoid(number("alpha_p", weights)));
            add(gradients, "alpha_n", byBend * sigmoid(number("alpha_n", weights)));
        }
    }

    private static double dot(INDArray one, INDArray other) {
        try (INDArray products = one.mul(other)) {
            return products.sumNumber().doubleValue();
        }
    }

    private void add(Gradients gradients, String name, double gradient) {
        gradients.of(prefix + name).ifPresent(sum -> sum.addi(gradient));
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        up.declare(declare);
        down.declare(declare);
        declare.accept(TensorDeclaration.of(prefix + "alpha_p", TensorRole.NORM, 1));
        declare.accept(TensorDeclaration.of(prefix + "alpha_n", TensorRole.NORM, 1));
        declare.accept(TensorDeclaration.of(prefix + "beta", TensorRole.BUFFER));
        declare.accept(TensorDeclaration.of(prefix + "eps", TensorRole.BUFFER));
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(down);
    }
}
