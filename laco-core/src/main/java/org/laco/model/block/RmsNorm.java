package org.laco.model.block;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Normalisation by the root mean square (Zhang and Sennrich, arXiv 1910.07467), {@code x / √(mean(x²) + ε) · (w + offset)}.
 *
 * @param name the name of its tensor without {@code .weight}
 * @param width the number of elements that are normalised together; an input of several such groups a row is normalised group by
 *     group
 * @param epsilon ε
 * @param offset what is added to the weight: 1 in the Gemma families, else 0
 */
public record RmsNorm(String name, int width, double epsilon, double offset) implements RowBlock {
    /**
     * Makes a norm whose weight is used as it is.
     *
     * @param name the name of its tensor without {@code .weight}
     * @param width the number of elements that are normalised together
     * @param epsilon ε
     * @return the norm
     */
    public static RmsNorm of(String name, int width, double epsilon) {
        return new RmsNorm(name, width, epsilon, 0);
    }

    @Override
    public RmsNorm named(UnaryOperator<String> names) {
        return new RmsNorm(names.apply(name), width, epsilon, offset);
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return pass.kernels().rmsNorm(x, weights.array(name + ".weight"), epsilon, offset);
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(x, weights, pass), (gradient, gradients) -> kernels.derivatives()
                .rmsNorm(
                        gradient,
                        x,
                        weights.array(name + ".weight"),
                        epsilon,
                        offset,
                        gradients.of(name + ".weight").orElse(null)));
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        declare.accept(TensorDeclaration.of(name + ".weight", TensorRole.NORM, width));
    }
}
