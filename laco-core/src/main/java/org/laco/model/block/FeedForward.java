package org.laco.model.block;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Activation;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A feed-forward block of two maps, {@code down(activation(up(x)))}.
 *
 * @param up the map that is activated
 * @param down the map back to the hidden width
 * @param activation the non-linear function
 */
public record FeedForward(Linear up, Linear down, Activation activation) implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray inner = up.apply(x, weights, pass);
        pass.kernels().activate(activation, inner);
        INDArray out = down.apply(inner, weights, pass);
        pass.kernels().release(inner);
        return out;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording upRecording = up.record(x, weights, pass);
        INDArray inner = kernels.copy(upRecording.output());
        kernels.activate(activation, inner);
        Recording downRecording = down.record(inner, weights, pass);
        return Recording.of(kernels::release, downRecording.detach(), (gradient, gradients) -> {
                    INDArray innerGradient = downRecording.backward(gradient, gradients);
                    kernels.derivatives().activate(activation, upRecording.output(), innerGradient);
                    INDArray before = upRecording.backward(innerGradient, gradients);
                    kernels.release(innerGradient);
                    return before;
                })
                .keeping(upRecording, downRecording)
                .keeping(inner);
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        up.declare(declare);
        down.declare(declare);
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(down);
    }
}
