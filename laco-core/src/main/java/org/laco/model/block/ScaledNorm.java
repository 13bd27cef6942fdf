package org.laco.model.block;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Normalisation by the root mean square of what enters a router, {@code x / √(mean(x²) + ε) · factor · w}.
 *
 * @param name the full name of its tensor
 * @param width the number of elements that are normalised together
 * @param epsilon ε
 * @param factor what the weight is multiplied by
 */
public record ScaledNorm(String name, int width, double epsilon, double factor) implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        try (INDArray weight = weights.array(name).mul(factor)) {
            return pass.kernels().rmsNorm(x, weight, epsilon, 0);
        }
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(x, weights, pass), (gradient, gradients) -> {
            Optional<INDArray> sum = gradients.of(name);
            try (INDArray weight = weights.array(name).mul(factor);
                    INDArray byWeight = weight.like()) {
                INDArray before = kernels.derivatives().rmsNorm(gradient, x, weight, epsilon, 0, byWeight);
                sum.ifPresent(total -> total.addi(byWeight.muli(factor)));
                return before;
            }
        });
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        declare.accept(TensorDeclaration.of(name, TensorRole.NORM, width));
    }
}
