package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A block whose output is multiplied by a number, {@code factor · block(x)}.
 *
 * @param block the block
 * @param factor the number
 */
public record Scaled(Block block, double factor) implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return block.apply(x, weights, pass).muli(factor);
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording inner = block.record(x, weights, pass);
        return Recording.of(kernels::release, kernels.copy(inner.output()).muli(factor), (gradient, gradients) -> {
                    try (INDArray scaled = gradient.mul(factor)) {
                        return inner.backward(scaled, gradients);
                    }
                })
                .keeping(inner);
    }

    @Override
    public int longestBranch() {
        return block.longestBranch();
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        block.declare(declare);
    }
}
