package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One of {@link StackedExperts}.
 *
 * @param all all of them
 * @param number the number of this one
 */
record StackedExpert(StackedExperts all, int number) implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        INDArray both = all.gateUp().apply(number, x, weights, pass);
        INDArray inner = all.layout().gate(both).dup('c');
        INDArray up = all.layout().up(both).dup('c');
        kernels.release(both);
        all.gate().apply(inner, up, kernels);
        kernels.release(up);
        INDArray out = all.down().apply(number, inner, weights, pass);
        kernels.release(inner);
        return out;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording both = all.gateUp().record(number, x, weights, pass);
        INDArray inner = all.layout().gate(both.output()).dup('c');
        INDArray up = all.layout().up(both.output()).dup('c');
        kernels.release(both.detach());
        INDArray joined = all.gate().joined(inner, up, kernels);
        Recording down = all.down().record(number, joined, weights, pass);
        return Recording.of(kernels::release, down.detach(), (gradient, gradients) -> {
                    INDArray innerGradient = down.backward(gradient, gradients);
                    INDArray upGradient = all.gate().backward(inner, up, innerGradient, kernels);
                    INDArray bothGradient =
                            kernels.matrix(inner.size(0), all.gateUp().out());
                    all.layout().gate(bothGradient).assign(innerGradient);
                    all.layout().up(bothGradient).assign(upGradient);
                    kernels.release(innerGradient);
                    kernels.release(upGradient);
                    INDArray before = both.backward(bothGradient, gradients);
                    kernels.release(bothGradient);
                    return before;
                })
                .keeping(both, down)
                .keeping(inner, up, joined);
    }

    /** All of them are declared together. */
    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        all.declare(declare);
    }
}
