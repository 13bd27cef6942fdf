package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Each column several times, one beside the other, so that a number for each head becomes one for each of its elements.
 *
 * @param times how often each column comes
 */
public record RepeatedColumns(int times) implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray repeated = pass.kernels().matrix(x.size(0), x.size(1) * times);
        for (int i = 0; i < times; i++) {
            HeadColumns.put(repeated, times, i, x, 1);
        }
        return repeated;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(x, weights, pass), (gradient, gradients) -> {
            INDArray before = kernels.matrix(gradient.size(0), gradient.size(1) / times);
            try (INDArray sums =
                    gradient.reshape('c', gradient.length() / times, times).sum(1)) {
                before.assign(sums.reshape('c', before.shape()));
            }
            return before;
        });
    }

    /** There is none. */
    @Override
    public void declare(Consumer<TensorDeclaration> declare) {}
}
