package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What enters, as an expert that computes nothing gives it. */
public record Identity() implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return pass.kernels().copy(x);
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        return Recording.of(pass.kernels()::release, apply(x, weights, pass), (gradient, gradients) -> pass.kernels()
                .copy(gradient));
    }

    /** There is none. */
    @Override
    public void declare(Consumer<TensorDeclaration> declare) {}
}
