package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A convolution over the positions of a sequence, of each channel by itself and of nothing that comes later: {@code b + Σ w_i · x_(t −
 * width + 1 + i)}.
 *
 * @param name the name of its tensors without {@code .weight} or {@code .bias}
 * @param channels the width of its input and output
 * @param width the number of positions that an output depends on
 * @param biased whether it has a bias
 */
public record CausalConvolution(String name, int channels, int width, boolean biased) implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return pass.kernels()
                .convolution(
                        x,
                        weights.array(name + ".weight"),
                        biased ? weights.array(name + ".bias") : null,
                        pass.sequences());
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(x, weights, pass), (gradient, gradients) -> kernels.derivatives()
                .convolution(
                        gradient,
                        x,
                        weights.array(name + ".weight"),
                        pass.sequences(),
                        gradients.of(name + ".weight").orElse(null),
                        gradients.of(name + ".bias").orElse(null)));
    }

    @Override
    public int longestBranch() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        declare.accept(TensorDeclaration.of(name + ".weight", TensorRole.NORM, channels, 1, width));
        if (biased) {
            declare.accept(TensorDeclaration.of(name + ".bias", TensorRole.BIAS, channels));
        }
    }
}
