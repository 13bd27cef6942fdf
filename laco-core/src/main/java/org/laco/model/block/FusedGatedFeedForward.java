package org.laco.model.block;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Activation;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A gated feed-forward block whose gate and up maps are stored as one, gate first: {@code down(activation(gate(x)) ⊙ up(x))}.
 *
 * @param gateUp the map to the gate's outputs and then those of up
 * @param down the map back to the hidden width
 * @param activation the non-linear function
 */
public record FusedGatedFeedForward(Linear gateUp, Linear down, Activation activation) implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray both = gateUp.apply(x, weights, pass);
        try (INDArray inner = columns(both, 0, down.in());
                INDArray gated = columns(both, down.in(), 2 * down.in())) {
            pass.kernels().release(both);
            pass.kernels().gate(activation, inner, gated);
            return down.apply(inner, weights, pass);
        }
    }

    private static INDArray columns(INDArray matrix, int from, int to) {
        return matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to)).dup('c');
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
