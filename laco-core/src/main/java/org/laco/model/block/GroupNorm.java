package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Derivatives;
import org.laco.kernel.Kernels;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Normalisation of each of several groups of elements by its root mean square, with a weight for every element: {@code x / √(mean(x²) +
 * ε) · w}, where the mean is that of the element's group.
 *
 * @param name the name of its tensor without {@code .weight}
 * @param width the number of elements of a row
 * @param groups the number of groups, a divisor of the width
 * @param epsilon ε
 */
public record GroupNorm(String name, int width, int groups, double epsilon) implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        try (INDArray ones = ones()) {
            return pass.kernels().rmsNorm(x, ones, epsilon, 0).muliRowVector(weights.array(name + ".weight"));
        }
    }

    private INDArray ones() {
        return Nd4j.ones(DataType.FLOAT, width / groups);
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        INDArray ones = ones();
        INDArray normed = kernels.rmsNorm(x, ones, epsilon, 0);
        INDArray weight = weights.array(name + ".weight");
        return Recording.of(
                        kernels::release,
                        kernels.copy(normed).muliRowVector(weight),
                        (gradient, gradients) -> backward(gradient, gradients, x, normed, weight, ones, kernels))
                .keeping(normed)
                .keeping(ones::close);
    }

    private INDArray backward(
            INDArray gradient,
            Gradients gradients,
            INDArray x,
            INDArray normed,
            INDArray weight,
            INDArray ones,
            Kernels kernels) {
        Derivatives derivatives = kernels.derivatives();
        gradients.of(name + ".weight").ifPresent(sum -> {
            try (INDArray products = gradient.mul(normed)) {
                derivatives.addColumnSums(products, sum);
            }
        });
        try (INDArray byNormed = gradient.mulRowVector(weight)) {
            return derivatives.rmsNorm(byNormed, x, ones, epsilon, 0, null);
        }
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        declare.accept(TensorDeclaration.of(name + ".weight", TensorRole.NORM, width));
    }
}
