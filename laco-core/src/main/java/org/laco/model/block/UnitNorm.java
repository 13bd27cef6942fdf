package org.laco.model.block;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Normalisation by the root mean square without a weight, {@code x / √(mean(x²) + ε)}.
 *
 * @param width the number of elements that are normalised together; an input of several such groups a row is normalised group by
 *     group
 * @param epsilon ε
 */
public record UnitNorm(int width, double epsilon) implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        try (INDArray ones = Nd4j.ones(DataType.FLOAT, width)) {
            return pass.kernels().rmsNorm(x, ones, epsilon, 0);
        }
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(x, weights, pass), (gradient, gradients) -> {
            try (INDArray ones = Nd4j.ones(DataType.FLOAT, width)) {
                return kernels.derivatives().rmsNorm(gradient, x, ones, epsilon, 0, null);
            }
        });
    }

    @Override
    public UnitNorm named(UnaryOperator<String> names) {
        return this;
    }

    /** There is none. */
    @Override
    public void declare(Consumer<TensorDeclaration> declare) {}
}
