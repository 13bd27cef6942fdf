package org.laco.model.block;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Activation;
import org.laco.kernel.Derivatives;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A gated short convolution as in LFM 2, {@code output(C ⊙ convolution(B ⊙ x))}, where one map gives B, then C, then x.
 *
 * @param input the map to B, C and x
 * @param convolution the convolution of the gated x
 * @param output the map back to the hidden width
 */
public record ShortConvolution(Linear input, CausalConvolution convolution, Linear output) implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Parts parts = split(input.apply(x, weights, pass), kernels);
        kernels.gate(Activation.LINEAR, parts.x, parts.before);
        kernels.release(parts.before);
        INDArray convolved = convolution.apply(parts.x, weights, pass);
        kernels.release(parts.x);
        kernels.gate(Activation.LINEAR, convolved, parts.after);
        kernels.release(parts.after);
        INDArray out = output.apply(convolved, weights, pass);
        kernels.release(convolved);
        return out;
    }

    /** What the input map gives: the gates before and after the convolution, and what is convolved. */
    private record Parts(INDArray before, INDArray after, INDArray x) {}

    /** Returns the parts of the map's output in exchange for it. */
    private Parts split(INDArray all, Kernels kernels) {
        int width = convolution.channels();
        Parts parts = new Parts(
                Columns.copy(all, 0, width),
                Columns.copy(all, width, 2 * width),
                Columns.copy(all, 2 * width, 3 * width));
        kernels.release(all);
        return parts;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording all = input.record(x, weights, pass);
        Parts parts = split(all.detach(), kernels);
        INDArray gated = kernels.gated(Activation.LINEAR, parts.x, parts.before);
        Recording convolved = convolution.record(gated, weights, pass);
        INDArray product = kernels.gated(Activation.LINEAR, convolved.output(), parts.after);
        Recording out = output.record(product, weights, pass);
        return Recording.of(kernels::release, out.detach(), (gradient, gradients) -> {
                    Derivatives derivatives = kernels.derivatives();
                    INDArray byConvolved = out.backward(gradient, gradients);
                    INDArray byAfter =
                            derivatives.gate(Activation.LINEAR, convolved.output(), parts.after, byConvolved);
                    INDArray byX = convolved.backward(byConvolved, gradients);
                    kernels.release(byConvolved);
                    INDArray byBefore = derivatives.gate(Activation.LINEAR, parts.x, parts.before, byX);
                    INDArray joined = Columns.join(kernels, byBefore, byAfter, byX);
                    INDArray before = all.backward(joined, gradients);
                    kernels.release(joined);
                    return before;
                })
                .keeping(out, convolved, all)
                .keeping(product, gated, parts.before, parts.after, parts.x);
    }

    @Override
    public int longestBranch() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        input.declare(declare);
        convolution.declare(declare);
        output.declare(declare);
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(output);
    }
}
