package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Elements within bounds, {@code min(max(x, −limit), limit)}.
 *
 * @param limit the largest absolute value
 */
public record Clip(double limit) implements RowBlock {
    /**
     * Clips what a projection gives.
     *
     * @param projection the projection
     * @return the projection whose queries, keys and values are clipped
     */
    public Projection of(Projection projection) {
        return new NormedProjection(projection, this, this, this);
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray clipped = pass.kernels().copy(x);
        Transforms.min(clipped, limit, false);
        Transforms.max(clipped, -limit, false);
        return clipped;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(x, weights, pass), (gradient, gradients) -> {
            INDArray before = kernels.copy(gradient);
            try (INDArray sizes = Transforms.abs(x);
                    INDArray within = sizes.lte(limit);
                    INDArray factors = within.castTo(DataType.FLOAT)) {
                before.muli(factors);
            }
            return before;
        });
    }

    /** There is none. */
    @Override
    public void declare(Consumer<TensorDeclaration> declare) {}
}
