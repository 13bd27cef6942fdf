package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Derivatives;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.HostFloats;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Linear maps of several experts in one tensor.
 *
 * @param name the full name of the stack
 * @param bias the full name of the biases, one row an expert, empty if there are none
 * @param count the number of maps
 * @param in the width of the input
 * @param out the width of the output
 * @param inputFirst whether a map is stored as {@code [in, out]}, else as {@code [out, in]}
 */
public record StackedMap(String name, String bias, int count, int in, int out, boolean inputFirst) {
    /** Returns these maps with biases of a full name. */
    StackedMap biased(String biases) {
        return new StackedMap(name, biases, count, in, out, inputFirst);
    }

    INDArray apply(int expert, INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        INDArray weight = weights.matrix(name, expert, kernels::weightType);
        INDArray added = bias.isEmpty() ? null : row(weights.array(bias), expert);
        return inputFirst ? kernels.linearTransposed(x, weight, added) : kernels.linear(x, weight, added);
    }

    Recording record(int expert, INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(kernels::release, apply(expert, x, weights, pass), (gradient, gradients) -> {
            Derivatives derivatives = kernels.derivatives();
            gradients
                    .of(name)
                    .ifPresent(sum -> derivatives.addTransposedProduct(
                            inputFirst ? x : gradient, inputFirst ? gradient : x, HostFloats.matrix(sum, expert)));
            gradients.of(bias).ifPresent(sum -> derivatives.addColumnSums(gradient, row(sum, expert)));
            INDArray weight = weights.matrix(name, expert, kernels::weightType);
            return inputFirst
                    ? kernels.linear(gradient, weight, null)
                    : kernels.linearTransposed(gradient, weight, null);
        });
    }

    private static INDArray row(INDArray biases, int expert) {
        return HostFloats.rows(biases, expert, expert + 1L).reshape(biases.size(1));
    }

    void declare(Consumer<TensorDeclaration> declare) {
        declare.accept(
                inputFirst
                        ? TensorDeclaration.of(name, TensorRole.LINEAR, count, in, out)
                        : TensorDeclaration.of(name, TensorRole.LINEAR, count, out, in));
        if (!bias.isEmpty()) {
            declare.accept(TensorDeclaration.of(bias, TensorRole.BIAS, count, out));
        }
    }
}
