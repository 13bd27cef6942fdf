package org.laco.model.block;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Activation;
import org.laco.kernel.DeltaRuleInputs;
import org.laco.kernel.DeltaRuleSpec;
import org.laco.kernel.Derivatives;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A gated delta net (Yang, Kautz and Hatamizadeh, arXiv 2412.06464): queries, keys and values go through a short convolution, each head
 * keeps a state that maps keys to values and is corrected at every position, and what queries read from it is normalised and gated.
 *
 * @param projection how its parts come from hidden states
 * @param convolution the convolution of queries, keys and values
 * @param activation the function after the convolution
 * @param name the name of its tensors without {@code .A_log} or {@code .dt_bias}
 * @param spec the numbers of heads and their sizes
 * @param norm the norm of each head's output, before it is gated
 * @param output the map back to the hidden width
 */
public record GatedDeltaNet(
        DeltaProjection projection,
        Block convolution,
        Activation activation,
        String name,
        DeltaRuleSpec spec,
        RmsNorm norm,
        Linear output)
        implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        DeltaParts parts = projection.apply(x, weights, pass);
        INDArray mixed = convolution.apply(parts.mixed(), weights, pass);
        kernels.release(parts.mixed());
        kernels.activate(activation, mixed);
        INDArray read = kernels.deltaRule(inputs(mixed, parts, weights), spec, pass.sequences());
        kernels.release(mixed);
        kernels.release(parts.decays());
        kernels.release(parts.strengths());
        INDArray normed = norm.apply(read, weights, pass);
        kernels.release(read);
        kernels.gate(Activation.SILU, parts.gate(), normed);
        kernels.release(normed);
        INDArray out = output.apply(parts.gate(), weights, pass);
        kernels.release(parts.gate());
        return out;
    }

    private DeltaRuleInputs inputs(INDArray mixed, DeltaParts parts, LayerWeights weights) {
        return new DeltaRuleInputs(
                mixed, parts.decays(), parts.strengths(), weights.array(rateName()), weights.array(biasName()));
    }

    private String rateName() {
        return name + ".A_log";
    }

    private String biasName() {
        return name + ".dt_bias";
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        RecordedDelta projected = projection.record(x, weights, pass);
        DeltaParts parts = projected.outputs();
        Recording convolved = convolution.record(parts.mixed(), weights, pass);
        INDArray mixed = kernels.copy(convolved.output());
        kernels.activate(activation, mixed);
        DeltaRuleInputs inputs = inputs(mixed, parts, weights);
        INDArray read = kernels.deltaRule(inputs, spec, pass.sequences());
        Recording normed = norm.record(read, weights, pass);
        INDArray gated = kernels.gated(Activation.SILU, parts.gate(), normed.output());
        Recording out = output.record(gated, weights, pass);
        return Recording.of(kernels::release, out.detach(), (gradient, gradients) -> {
                    Derivatives derivatives = kernels.derivatives();
                    INDArray byGate = out.backward(gradient, gradients);
                    INDArray byNormed = derivatives.gate(Activation.SILU, parts.gate(), normed.output(), byGate);
                    INDArray byRead = normed.backward(byNormed, gradients);
                    kernels.release(byNormed);
                    DeltaRuleInputs by = derivatives.deltaRule(byRead, inputs, spec, pass.sequences());
                    kernels.release(byRead);
                    gradients.of(rateName()).ifPresent(sum -> sum.addi(by.rates()));
                    gradients.of(biasName()).ifPresent(sum -> sum.addi(by.biases()));
                    derivatives.activate(activation, convolved.output(), by.mixed());
                    DeltaParts byParts = new DeltaParts(
                            convolved.backward(by.mixed(), gradients), byGate, by.strengths(), by.decays());
                    INDArray before = projected.derivative().apply(byParts, gradients);
                    byParts.all().forEach(kernels::release);
                    List.of(by.mixed(), by.rates(), by.biases()).forEach(kernels::release);
                    return before;
                })
                .keeping(out, normed, convolved)
                .keeping(gated, read, mixed)
                .keeping(projected.free());
    }

    @Override
    public int longestBranch() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        projection.declare(declare);
        convolution.declare(declare);
        declare.accept(TensorDeclaration.of(rateName(), TensorRole.NORM, spec.valueHeads()));
        declare.accept(TensorDeclaration.of(biasName(), TensorRole.BIAS, spec.valueHeads()));
        norm.declare(declare);
        output.declare(declare);
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(output);
    }
}
