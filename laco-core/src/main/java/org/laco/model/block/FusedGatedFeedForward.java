package org.laco.model.block;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Activation;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A gated feed-forward block whose gate and up maps are stored as one, gate first: {@code down(activation(gate(x)) ⊙ up(x))}.
 *
 * @param gateUp the map to the gate's outputs and then those of up
 * @param down the map back to the hidden width
 * @param activation the non-linear function
 */
public record FusedGatedFeedForward(Linear gateUp, Linear down, Activation activation) implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray both = gateUp.apply(x, weights, pass);
        try (INDArray inner = Columns.copy(both, 0, down.in());
                INDArray gated = Columns.copy(both, down.in(), 2 * down.in())) {
            pass.kernels().release(both);
            pass.kernels().gate(activation, inner, gated);
            return down.apply(inner, weights, pass);
        }
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording both = gateUp.record(x, weights, pass);
        INDArray inner = Columns.copy(both.output(), 0, down.in());
        INDArray gated = Columns.copy(both.output(), down.in(), 2 * down.in());
        kernels.release(both.detach());
        INDArray product = kernels.gated(activation, inner, gated);
        Recording downRecording = down.record(product, weights, pass);
        return Recording.of(kernels::release, downRecording.detach(), (gradient, gradients) -> {
                    INDArray innerGradient = downRecording.backward(gradient, gradients);
                    INDArray gatedGradient = kernels.derivatives().gate(activation, inner, gated, innerGradient);
                    INDArray joined = kernels.matrix(inner.size(0), gateUp.out());
                    Columns.put(joined, 0, innerGradient);
                    Columns.put(joined, down.in(), gatedGradient);
                    kernels.release(innerGradient);
                    kernels.release(gatedGradient);
                    INDArray before = both.backward(joined, gradients);
                    kernels.release(joined);
                    return before;
                })
                .keeping(both, downRecording)
                .keeping(inner, gated, product);
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        gateUp.declare(declare);
        down.declare(declare);
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(down);
    }
}
