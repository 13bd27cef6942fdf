package org.laco.model.block;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Activation;
import org.laco.kernel.Derivatives;
import org.laco.kernel.GatedRecurrenceInputs;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The recurrent block of Griffin (De et al., arXiv 2402.19427, section 2.4): one map goes through a short convolution and a real-gated linear
 * recurrent unit, and another, activated, gates it.
 *
 * @param input the map to what is mixed
 * @param gate the map to what gates it
 * @param activation the function of the gate
 * @param convolution the convolution
 * @param inputGates the map to the gates of the unit's inputs
 * @param decayGates the map to the gates of the unit's decays
 * @param rates the full name of what the unit's rates come from
 * @param output the map back to the hidden width
 */
public record GriffinRecurrence(
        Linear input,
        Linear gate,
        Activation activation,
        CausalConvolution convolution,
        HeadMaps inputGates,
        HeadMaps decayGates,
        String rates,
        Linear output)
        implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        INDArray mixed = input.apply(x, weights, pass);
        INDArray convolved = convolution.apply(mixed, weights, pass);
        kernels.release(mixed);
        INDArray inputGate = inputGates.apply(convolved, weights, pass);
        INDArray decayGate = decayGates.apply(convolved, weights, pass);
        INDArray states = kernels.gatedRecurrence(
                new GatedRecurrenceInputs(convolved, inputGate, decayGate, weights.array(rates)), pass.sequences());
        List.of(convolved, inputGate, decayGate).forEach(kernels::release);
        INDArray gated = gate.applyGated(activation, x, states, weights, pass);
        kernels.release(states);
        INDArray out = output.apply(gated, weights, pass);
        kernels.release(gated);
        return out;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording mixed = input.record(x, weights, pass);
        Recording convolved = convolution.record(mixed.output(), weights, pass);
        Recording inputGate = inputGates.record(convolved.output(), weights, pass);
        Recording decayGate = decayGates.record(convolved.output(), weights, pass);
        GatedRecurrenceInputs inputs = new GatedRecurrenceInputs(
                convolved.output(), inputGate.output(), decayGate.output(), weights.array(rates));
        INDArray states = kernels.gatedRecurrence(inputs, pass.sequences());
        Recording gates = gate.record(x, weights, pass);
        INDArray gated = kernels.gated(activation, gates.output(), states);
        Recording out = output.record(gated, weights, pass);
        return Recording.of(kernels::release, out.detach(), (gradient, gradients) -> {
                    Derivatives derivatives = kernels.derivatives();
                    INDArray byGates = out.backward(gradient, gradients);
                    INDArray byStates = derivatives.gate(activation, gates.output(), states, byGates);
                    GatedRecurrenceInputs by = derivatives.gatedRecurrence(byStates, inputs, pass.sequences());
                    gradients.of(rates).ifPresent(sum -> sum.addi(by.rates()));
                    INDArray byConvolved = ArraySum.add(
                            inputGate.backward(by.inputGates(), gradients),
                            decayGate.backward(by.decayGates(), gradients),
                            kernels);
                    kernels.add(byConvolved, by.x());
                    INDArray byMixed = convolved.backward(byConvolved, gradients);
                    INDArray before = ArraySum.add(
                            mixed.backward(byMixed, gradients), gates.backward(byGates, gradients), kernels);
                    List.of(byGates, byStates, byConvolved, byMixed).forEach(kernels::release);
                    List.of(by.x(), by.inputGates(), by.decayGates(), by.rates())
                            .forEach(kernels::release);
                    return before;
                })
                .keeping(out, gates, decayGate, inputGate, convolved, mixed)
                .keeping(gated, states);
    }

    @Override
    public int longestBranch() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        input.declare(declare);
        gate.declare(declare);
        convolution.declare(declare);
        inputGates.declare(declare);
        decayGates.declare(declare);
        declare.accept(TensorDeclaration.of(rates, TensorRole.NORM, convolution.channels()));
        output.declare(declare);
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(output);
    }
}
