package org.laco.model.block;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Activation;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A gated feed-forward block (Shazeer, arXiv 2002.05202), {@code down(activation(gate(x)) ⊙ up(x))}.
 *
 * @param gate the map that is activated
 * @param up the map that it gates
 * @param down the map back to the hidden width
 * @param activation the non-linear function
 */
public record GatedFeedForward(Linear gate, Linear up, Linear down, Activation activation) implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray gated = up.apply(x, weights, pass);
        INDArray inner = gate.applyGated(activation, x, gated, weights, pass);
        pass.kernels().release(gated);
        INDArray out = down.apply(inner, weights, pass);
        pass.kernels().release(inner);
        return out;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        gate.declare(declare);
        up.declare(declare);
        down.declare(declare);
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(down);
    }
}
