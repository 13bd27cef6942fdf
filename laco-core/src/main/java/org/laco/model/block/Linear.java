package org.laco.model.block;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Activation;
import org.laco.kernel.Derivatives;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A linear map, {@code x · wᵀ + b}.
 *
 * @param name the name of its tensors without {@code .weight} or {@code .bias}
 * @param in the width of its input
 * @param out the width of its output
 * @param biased whether it has a bias
 * @param inputFirst whether the weight is stored as {@code [in, out]}, as GPT-2's are, else as {@code [out, in]}
 */
public record Linear(String name, int in, int out, boolean biased, boolean inputFirst) implements RowBlock {
    /**
     * Makes a map whose weight is stored as {@code [out, in]}.
     *
     * @param name the name of its tensors without {@code .weight} or {@code .bias}
     * @param in the width of its input
     * @param out the width of its output
     * @param biased whether it has a bias
     * @return the map
     */
    public static Linear of(String name, int in, int out, boolean biased) {
        return new Linear(name, in, out, biased, false);
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        pass.entering(this, x);
        INDArray weight = weights.array(name + ".weight", pass.kernels()::weightType);
        INDArray bias = biased ? weights.array(name + ".bias") : null;
        return inputFirst
                ? pass.kernels().linearTransposed(x, weight, bias)
                : pass.kernels().linear(x, weight, bias);
    }

    /** Applies the map, then a function to each element, and multiplies by factors: {@code activation(x · wᵀ + b) ⊙ factors}. */
    INDArray applyGated(Activation activation, INDArray x, INDArray factors, LayerWeights weights, ForwardPass pass) {
        pass.entering(this, x);
        INDArray weight = weights.array(name + ".weight", pass.kernels()::weightType);
        INDArray bias = biased ? weights.array(name + ".bias") : null;
        return pass.kernels().gatedLinear(activation, x, weight, inputFirst, bias, factors);
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(x, weights, pass), (gradient, gradients) -> {
            Derivatives derivatives = kernels.derivatives();
            gradients
                    .of(name + ".weight")
                    .ifPresent(sum -> derivatives.addTransposedProduct(
                            inputFirst ? x : gradient, inputFirst ? gradient : x, sum));
            gradients.of(name + ".bias").ifPresent(sum -> derivatives.addColumnSums(gradient, sum));
            INDArray weight = weights.array(name + ".weight", kernels::weightType);
            return inputFirst
                    ? kernels.linear(gradient, weight, null)
                    : kernels.linearTransposed(gradient, weight, null);
        });
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        declare.accept(
                inputFirst
                        ? TensorDeclaration.of(name + ".weight", TensorRole.LINEAR, in, out)
                        : TensorDeclaration.of(name + ".weight", TensorRole.LINEAR, out, in));
        if (biased) {
            declare.accept(TensorDeclaration.of(name + ".bias", TensorRole.BIAS, out));
        }
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(this);
    }
}
