package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A multiplication by a stored number, which is a buffer and not a weight.
 *
 * @param name the full name of its tensor, of one element
 */
public record Scalar(String name) implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return pass.kernels().copy(x).muli(weights.array(name).getFloat(0));
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(x, weights, pass), (gradient, gradients) -> {
            gradients.of(name).ifPresent(sum -> {
                try (INDArray products = gradient.mul(x)) {
                    sum.addi(products.sumNumber());
                }
            });
            return kernels.copy(gradient).muli(weights.array(name).getFloat(0));
        });
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        declare.accept(TensorDeclaration.of(name, TensorRole.BUFFER, 1));
    }
}
