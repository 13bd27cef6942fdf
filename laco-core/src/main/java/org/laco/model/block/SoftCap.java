package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Elements that a bound is approached by, {@code cap · tanh(x / cap)}.
 *
 * @param cap the bound
 */
public record SoftCap(double cap) implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray capped = pass.kernels().copy(x).divi(cap);
        return Transforms.tanh(capped, false).muli(cap);
    }

    /** Its slope is {@code 1 − tanh²(x / cap)}. */
    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(x, weights, pass), (gradient, gradients) -> {
            try (INDArray shares = Transforms.tanh(x.div(cap), false)) {
                return kernels.copy(gradient).muli(shares.muli(shares).rsubi(1));
            }
        });
    }

    /** There is none. */
    @Override
    public void declare(Consumer<TensorDeclaration> declare) {}
}
