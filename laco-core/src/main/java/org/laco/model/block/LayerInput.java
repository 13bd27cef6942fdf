package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Activation;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Hidden states that gate a layer's own input, {@code up(activation(gate(x)) ⊙ input)}; the input is {@link Carried} along.
 *
 * @param gate the map to the width of the input
 * @param activation the non-linear function
 * @param up the map back to the hidden width
 * @param from the first of the input's columns among all that are carried
 */
public record LayerInput(Linear gate, Activation activation, Linear up, int from) implements RowBlock {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray input = pass.carried(from, gate.out());
        INDArray gated = gate.applyGated(activation, x, input, weights, pass);
        pass.kernels().release(input);
        INDArray out = up.apply(gated, weights, pass);
        pass.kernels().release(gated);
        return out;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        gate.declare(declare);
        up.declare(declare);
    }
}
