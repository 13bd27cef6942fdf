package org.laco.model.block;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.laco.kernel.Activation;
import org.laco.kernel.Derivatives;
import org.laco.kernel.Kernels;
import org.laco.kernel.StateSpaceInputs;
import org.laco.kernel.StateSpaceSpec;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A Mamba 2 mixer (Dao and Gu, arXiv 2405.21060): one map gives a gate, the inputs of heads with what writes and reads their states, and
 * time steps; inputs, writes and reads go through a short convolution; what is read from the states is gated, and normalised group by
 * group after that, before it or not at all.
 *
 * @param name the name of its tensors without {@code .A_log}, {@code .D} or {@code .dt_bias}
 * @param input the map to gate, inputs, writes, reads and time steps
 * @param convolution the convolution of inputs, writes and reads
 * @param activation the function after the convolution
 * @param spec the numbers of heads and groups and their sizes
 * @param norm the norm of what is read, if there is one
 * @param normedFirst whether it comes before the gate, else after it
 * @param output the map back to the hidden width
 */
public record Mamba2(
        String name,
        Block input,
        CausalConvolution convolution,
        Activation activation,
        StateSpaceSpec spec,
        Optional<GroupNorm> norm,
        boolean normedFirst,
        Linear output)
        implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Parts parts = split(input.apply(x, weights, pass), kernels);
        INDArray mixed = convolution.apply(parts.mixed, weights, pass);
        kernels.release(parts.mixed);
        kernels.activate(activation, mixed);
        INDArray read = kernels.stateSpace(inputs(mixed, parts, weights), spec, pass.sequences());
        kernels.release(mixed);
        kernels.release(parts.steps);
        INDArray inner = normedFirst ? normed(read, weights, pass) : read;
        kernels.gate(Activation.SILU, parts.gate, inner);
        kernels.release(inner);
        INDArray gated = normedFirst ? parts.gate : normed(parts.gate, weights, pass);
        INDArray out = output.apply(gated, weights, pass);
        kernels.release(gated);
        return out;
    }

    /** Returns normalised rows in exchange for them, or the rows themselves if there is no norm. */
    private INDArray normed(INDArray rows, LayerWeights weights, ForwardPass pass) {
        if (norm.isEmpty()) {
            return rows;
        }
        INDArray normed = norm.get().apply(rows, weights, pass);
        pass.kernels().release(rows);
        return normed;
    }

    /** What the input map gives. */
    private record Parts(INDArray gate, INDArray mixed, INDArray steps) {}

    /** Returns the parts of the map's output in exchange for it. */
    private Parts split(INDArray projected, Kernels kernels) {
        int inner = spec.width();
        int end = inner + spec.mixedWidth();
        Parts parts = new Parts(
                Columns.copy(projected, 0, inner),
                Columns.copy(projected, inner, end),
                Columns.copy(projected, end, end + spec.heads()));
        kernels.release(projected);
        return parts;
    }

    private StateSpaceInputs inputs(INDArray mixed, Parts parts, LayerWeights weights) {
        return new StateSpaceInputs(
                mixed, parts.steps, weights.array(rateName()), weights.array(biasName()), weights.array(skipName()));
    }

    private String rateName() {
        return name + ".A_log";
    }

    private String biasName() {
        return name + ".dt_bias";
    }

    private String skipName() {
        return name + ".D";
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording projected = input.record(x, weights, pass);
        Parts parts = split(projected.detach(), kernels);
        Recording convolved = convolution.record(parts.mixed, weights, pass);
        INDArray mixed = kernels.copy(convolved.output());
        kernels.activate(activation, mixed);
        StateSpaceInputs inputs = inputs(mixed, parts, weights);
        INDArray read = kernels.stateSpace(inputs, spec, pass.sequences());
        Optional<Recording> before = norm.filter(any -> normedFirst).map(each -> each.record(read, weights, pass));
        INDArray inner = before.map(Recording::output).orElse(read);
        INDArray gated = kernels.gated(Activation.SILU, parts.gate, inner);
        Optional<Recording> after = norm.filter(any -> !normedFirst).map(each -> each.record(gated, weights, pass));
        Recording out = output.record(after.map(Recording::output).orElse(gated), weights, pass);
        return Recording.of(kernels::release, out.detach(), (gradient, gradients) -> {
                    Derivatives derivatives = kernels.derivatives();
                    INDArray byGate = passBack(after, out.backward(gradient, gradients), gradients, kernels);
                    INDArray byRead = passBack(
                            before, derivatives.gate(Activation.SILU, parts.gate, inner, byGate), gradients, kernels);
                    StateSpaceInputs by = derivatives.stateSpace(byRead, inputs, spec, pass.sequences());
                    kernels.release(byRead);
                    gradients.of(rateName()).ifPresent(sum -> sum.addi(by.rates()));
                    gradients.of(biasName()).ifPresent(sum -> sum.addi(by.biases()));
                    gradients.of(skipName()).ifPresent(sum -> sum.addi(by.skips()));
                    derivatives.activate(activation, convolved.output(), by.mixed());
                    INDArray joined =
                            Columns.join(kernels, byGate, convolved.backward(by.mixed(), gradients), by.steps());
                    List.of(by.mixed(), by.rates(), by.biases(), by.skips()).forEach(kernels::release);
                    INDArray byInput = projected.backward(joined, gradients);
                    kernels.release(joined);
                    return byInput;
                })
                .keeping(out, convolved, projected)
                .keeping(Stream.concat(before.stream(), after.stream()).toArray(Recording[]::new))
                .keeping(gated, read, mixed, parts.gate, parts.mixed, parts.steps);
    }

    /** Returns the gradient by a norm's input in exchange for that by its output, or that one if there is no norm. */
    private static INDArray passBack(
            Optional<Recording> normed, INDArray gradient, Gradients gradients, Kernels kernels) {
        if (normed.isEmpty()) {
            return gradient;
        }
        INDArray passed = normed.get().backward(gradient, gradients);
        kernels.release(gradient);
        return passed;
    }

    @Override
    public int longestBranch() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        input.declare(declare);
        convolution.declare(declare);
        declare.accept(TensorDeclaration.of(rateName(), TensorRole.NORM, spec.heads()));
        declare.accept(TensorDeclaration.of(skipName(), TensorRole.NORM, spec.heads()));
        declare.accept(TensorDeclaration.of(biasName(), TensorRole.BIAS, spec.heads()));
        norm.ifPresent(each -> each.declare(declare));
        output.declare(declare);
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(output);
    }
}
