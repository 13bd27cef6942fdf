package org.laco.model.block;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Normalisation by mean and variance (Ba, Kiros and Hinton, arXiv 1607.06450), {@code (x − mean) / √(var + ε) · (w + offset) + b}.
 *
 * @param name the name of its tensors without {@code .weight} or {@code .bias}
 * @param width the number of elements that are normalised together, a whole row or one of its equal parts
 * @param epsilon ε
 * @param scaled whether it has a weight w
 * @param shifted whether it has a bias b
 * @param offset what is added to the weight: 1 in Nemotron, else 0
 */
public record LayerNorm(String name, int width, double epsilon, boolean scaled, boolean shifted, double offset)
        implements RowBlock {
    /**
     * Makes a norm whose weight, if it has one, is used as it is.
     *
     * @param name the name of its tensors without {@code .weight} or {@code .bias}
     * @param width the number of elements that are normalised together, a whole row or one of its equal parts
     * @param epsilon ε
     * @param scaled whether it has a weight w
     * @param shifted whether it has a bias b
     */
    public LayerNorm(String name, int width, double epsilon, boolean scaled, boolean shifted) {
        this(name, width, epsilon, scaled, shifted, 0);
    }

    /**
     * Makes a norm with weight and bias.
     *
     * @param name the name of its tensors without {@code .weight} or {@code .bias}
     * @param width the number of elements that are normalised together
     * @param epsilon ε
     * @return the norm
     */
    public static LayerNorm of(String name, int width, double epsilon) {
        return new LayerNorm(name, width, epsilon, true, true);
    }

    /**
     * Returns this norm without a bias.
     *
     * @return the norm
     */
    public LayerNorm withoutBias() {
        return new LayerNorm(name, width, epsilon, scaled, false, offset);
    }

    /**
     * Returns this norm with something added to its weight.
     *
     * @param added what is added
     * @return the norm
     */
    public LayerNorm offset(double added) {
        return new LayerNorm(name, width, epsilon, scaled, shifted, added);
    }

    @Override
    public LayerNorm named(UnaryOperator<String> names) {
        return new LayerNorm(names.apply(name), width, epsilon, scaled, shifted, offset);
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray bias = shifted ? weights.array(name + ".bias") : null;
        INDArray normed = byWeight(weights, weight -> pass.kernels().layerNorm(parts(x), weight, bias, epsilon));
        return likeRows(normed, x);
    }

    /** A row of each part. */
    private INDArray parts(INDArray x) {
        return x.size(1) == width ? x : x.reshape('c', x.length() / width, width);
    }

    /** Puts the parts of each row together again. */
    private static INDArray likeRows(INDArray parts, INDArray x) {
        return parts.size(1) == x.size(1) ? parts : parts.reshape('c', x.size(0), x.size(1));
    }

    /** Computes something by the factors of the elements, null if there are none. */
    private INDArray byWeight(LayerWeights weights, UnaryOperator<INDArray> computed) {
        INDArray weight = scaled ? weights.array(name + ".weight") : null;
        if (weight == null || offset == 0) {
            return computed.apply(weight);
        }
        try (INDArray sum = weight.add(offset)) {
            return computed.apply(sum);
        }
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(x, weights, pass), (gradient, gradients) -> {
            INDArray before = byWeight(weights, weight -> kernels.derivatives()
                    .layerNorm(
                            parts(gradient),
                            parts(x),
                            weight,
                            epsilon,
                            gradients.of(name + ".weight").orElse(null),
                            gradients.of(name + ".bias").orElse(null)));
            return likeRows(before, x);
        });
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        if (scaled) {
            declare.accept(TensorDeclaration.of(name + ".weight", TensorRole.NORM, width));
        }
        if (shifted) {
            declare.accept(TensorDeclaration.of(name + ".bias", TensorRole.NORM, width));
        }
    }
}
