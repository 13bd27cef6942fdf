package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Activation;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A gated feed-forward block (Shazeer, arXiv 2002.05202), {@code down(activation(factor · gate(x)) ⊙ up(x))}, with a norm before
 * the last map in some models.
 *
 * @param gate the map that is activated
 * @param up the map that it gates
 * @param down the map back to the hidden width
 * @param activation the non-linear function
 * @param factor what the gate's map is multiplied by before it is activated, mostly 1
 * @param norm the norm of what enters the last map, if there is one
 */
public record GatedFeedForward(
        Linear gate, Linear up, Linear down, Activation activation, double factor, Optional<RowBlock> norm)
        implements RowBlock {
    /**
     * Makes a block without a norm within.
     *
     * @param gate the map that is activated
     * @param up the map that it gates
     * @param down the map back to the hidden width
     * @param activation the non-linear function
     * @param factor what the gate's map is multiplied by before it is activated
     */
    public GatedFeedForward(Linear gate, Linear up, Linear down, Activation activation, double factor) {
        this(gate, up, down, activation, factor, Optional.empty());
    }

    /**
     * Makes a block whose gate is activated as it is.
     *
     * @param gate the map that is activated
     * @param up the map that it gates
     * @param down the map back to the hidden width
     * @param activation the non-linear function
     */
    public GatedFeedForward(Linear gate, Linear up, Linear down, Activation activation) {
        this(gate, up, down, activation, 1);
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray gated = up.apply(x, weights, pass);
        INDArray inner = inner(x, gated, weights, pass);
        pass.kernels().release(gated);
        INDArray out = Chain.apply(last(), inner, weights, pass);
        pass.kernels().release(inner);
        return out;
    }

    private ImmutableList<Block> last() {
        return norm.map(block -> ImmutableList.<Block>of(block, down)).orElse(ImmutableList.of(down));
    }

    private INDArray inner(INDArray x, INDArray gated, LayerWeights weights, ForwardPass pass) {
        if (factor == 1) {
            return gate.applyGated(activation, x, gated, weights, pass);
        }
        INDArray inner = gate.apply(x, weights, pass).muli(factor);
        pass.kernels().gate(activation, inner, gated);
        return inner;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording gateRecording = factor == 1
                ? gate.record(x, weights, pass)
                : Chain.record(List.of(gate, ColumnFactors.of(gate.out(), factor)), x, weights, pass);
        Recording upRecording = up.record(x, weights, pass);
        INDArray inner = kernels.gated(activation, gateRecording.output(), upRecording.output());
        Recording downRecording = Chain.record(last(), inner, weights, pass);
        return Recording.of(kernels::release, downRecording.detach(), (gradient, gradients) -> {
                    INDArray innerGradient = downRecording.backward(gradient, gradients);
                    INDArray upGradient = kernels.derivatives()
                            .gate(activation, gateRecording.output(), upRecording.output(), innerGradient);
                    INDArray before = upRecording.backward(upGradient, gradients);
                    kernels.release(upGradient);
                    INDArray other = gateRecording.backward(innerGradient, gradients);
                    kernels.release(innerGradient);
                    return ArraySum.add(before, other, kernels);
                })
                .keeping(gateRecording, upRecording, downRecording)
                .keeping(inner);
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        gate.declare(declare);
        up.declare(declare);
        last().forEach(block -> block.declare(declare));
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(down);
    }
}
