package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** A smooth function that is never negative, {@code log(1 + eˣ)} of each element. */
public record Softplus() implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return Transforms.softPlus(x, true);
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(x, weights, pass), (gradient, gradients) -> {
            INDArray before = kernels.copy(gradient);
            try (INDArray slopes = Transforms.sigmoid(x, true)) {
                before.muli(slopes);
            }
            return before;
        });
    }

    /** There is none. */
    @Override
    public void declare(Consumer<TensorDeclaration> declare) {}
}
