package org.laco.model.block;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.laco.kernel.Activation;
import org.laco.kernel.Derivatives;
import org.laco.kernel.Kernels;
import org.laco.kernel.SelectiveScanInputs;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A Mamba mixer (Gu and Dao, arXiv 2312.00752): one map gives the channels' inputs and a gate; the inputs go through a short convolution,
 * from which another map takes time steps of low rank and what writes and reads the channels' states; what is read is gated.
 *
 * @param name the name of its tensors without {@code .A_log} or {@code .D}
 * @param input the map to the channels' inputs and the gate
 * @param convolution the convolution of the inputs
 * @param activation the function after the convolution
 * @param parameters the map from the inputs to time steps of low rank, writes and reads
 * @param norms the norms of these, if there are any
 * @param steps the map from time steps of low rank to those of all channels
 * @param output the map back to the hidden width
 */
public record Mamba(
        String name,
        Linear input,
        CausalConvolution convolution,
        Activation activation,
        Linear parameters,
        Optional<ScanNorms> norms,
        Linear steps,
        Linear output)
        implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        INDArray both = input.apply(x, weights, pass);
        INDArray inputs = Columns.copy(both, 0, channels());
        INDArray gate = Columns.copy(both, channels(), 2 * channels());
        kernels.release(both);
        INDArray mixed = convolution.apply(inputs, weights, pass);
        kernels.release(inputs);
        kernels.activate(activation, mixed);
        Parts parts = split(parameters.apply(mixed, weights, pass), kernels);
        INDArray low = normed(ScanNorms::steps, parts.steps, weights, pass);
        INDArray writes = normed(ScanNorms::writes, parts.writes, weights, pass);
        INDArray reads = normed(ScanNorms::reads, parts.reads, weights, pass);
        INDArray all = steps.apply(low, weights, pass);
        INDArray read = kernels.selectiveScan(scanned(mixed, all, writes, reads, weights), pass.sequences());
        List.of(mixed, low, writes, reads, all).forEach(kernels::release);
        kernels.gate(Activation.SILU, gate, read);
        kernels.release(read);
        INDArray out = output.apply(gate, weights, pass);
        kernels.release(gate);
        return out;
    }

    private int channels() {
        return convolution.channels();
    }

    /** Time steps of low rank, writes and reads. */
    private record Parts(INDArray steps, INDArray writes, INDArray reads) {}

    /** Returns the parts of the parameters in exchange for them. */
    private Parts split(INDArray all, Kernels kernels) {
        int rank = steps.in();
        int states = states();
        Parts parts = new Parts(
                Columns.copy(all, 0, rank),
                Columns.copy(all, rank, rank + states),
                Columns.copy(all, rank + states, rank + 2 * states));
        kernels.release(all);
        return parts;
    }

    private int states() {
        return (parameters.out() - steps.in()) / 2;
    }

    /** Returns a normalised part in exchange for it, or the part itself if there are no norms. */
    private INDArray normed(Function<ScanNorms, Block> which, INDArray part, LayerWeights weights, ForwardPass pass) {
        if (norms.isEmpty()) {
            return part;
        }
        INDArray normed = which.apply(norms.get()).apply(part, weights, pass);
        pass.kernels().release(part);
        return normed;
    }

    private SelectiveScanInputs scanned(
            INDArray mixed, INDArray all, INDArray writes, INDArray reads, LayerWeights weights) {
        return new SelectiveScanInputs(mixed, all, writes, reads, weights.array(rateName()), weights.array(skipName()));
    }

    private String rateName() {
        return name + ".A_log";
    }

    private String skipName() {
        return name + ".D";
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording projected = input.record(x, weights, pass);
        INDArray inputs = Columns.copy(projected.output(), 0, channels());
        INDArray gate = Columns.copy(projected.output(), channels(), 2 * channels());
        Recording convolved = convolution.record(inputs, weights, pass);
        INDArray mixed = kernels.copy(convolved.output());
        kernels.activate(activation, mixed);
        Recording read = new RecordedScan(this, weights, pass).record(mixed);
        INDArray gated = kernels.gated(Activation.SILU, gate, read.output());
        Recording out = output.record(gated, weights, pass);
        return Recording.of(kernels::release, out.detach(), (gradient, gradients) -> {
                    Derivatives derivatives = kernels.derivatives();
                    INDArray byGate = out.backward(gradient, gradients);
                    INDArray byRead = derivatives.gate(Activation.SILU, gate, read.output(), byGate);
                    INDArray byMixed = read.backward(byRead, gradients);
                    kernels.release(byRead);
                    derivatives.activate(activation, convolved.output(), byMixed);
                    INDArray byInputs = convolved.backward(byMixed, gradients);
                    kernels.release(byMixed);
                    INDArray joined = Columns.join(kernels, byInputs, byGate);
                    INDArray byX = projected.backward(joined, gradients);
                    kernels.release(joined);
                    return byX;
                })
                .keeping(out, read, convolved, projected)
                .keeping(gated, mixed, gate, inputs);
    }

    /** The scan of convolved inputs with what is taken from them, and its derivative. */
    private record RecordedScan(Mamba mamba, LayerWeights weights, ForwardPass pass) {
        Recording record(INDArray mixed) {
            Kernels kernels = pass.kernels();
            Recording parameters = mamba.parameters.record(mixed, weights, pass);
            Parts parts = mamba.split(kernels.copy(parameters.output()), kernels);
            Recording low = normed(ScanNorms::steps, parts.steps);
            Recording writes = normed(ScanNorms::writes, parts.writes);
            Recording reads = normed(ScanNorms::reads, parts.reads);
            Recording all = mamba.steps.record(low.output(), weights, pass);
            SelectiveScanInputs inputs = mamba.scanned(mixed, all.output(), writes.output(), reads.output(), weights);
            return Recording.of(
                            kernels::release,
                            kernels.selectiveScan(inputs, pass.sequences()),
                            (gradient, gradients) -> {
                                SelectiveScanInputs by =
                                        kernels.derivatives().selectiveScan(gradient, inputs, pass.sequences());
                                gradients.of(mamba.rateName()).ifPresent(sum -> sum.addi(by.rates()));
                                gradients.of(mamba.skipName()).ifPresent(sum -> sum.addi(by.skips()));
                                INDArray byLow = all.backward(by.steps(), gradients);
                                INDArray joined = Columns.join(
                                        kernels,
                                        low.backward(byLow, gradients),
                                        writes.backward(by.writes(), gradients),
                                        reads.backward(by.reads(), gradients));
                                INDArray byMixed = parameters.backward(joined, gradients);
                                kernels.add(byMixed, by.x());
                                List.of(byLow, joined, by.x(), by.steps(), by.writes(), by.reads(), by.rates())
                                        .forEach(kernels::release);
                                kernels.release(by.skips());
                                return byMixed;
                            })
                    .keeping(all, reads, writes, low, parameters)
                    .keeping(parts.steps, parts.writes, parts.reads);
        }

        /** The norm of a part, or the part as it is if there are no norms. */
        private Recording normed(Function<ScanNorms, Block> which, INDArray part) {
            Kernels kernels = pass.kernels();
            return mamba.norms
                    .map(each -> which.apply(each).record(part, weights, pass))
                    .orElseGet(() -> Recording.of(
                            kernels::release, kernels.copy(part), (gradient, gradients) -> kernels.copy(gradient)));
        }
    }

    @Override
    public int longestBranch() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        input.declare(declare);
        convolution.declare(declare);
        parameters.declare(declare);
        norms.ifPresent(
                each -> List.of(each.steps(), each.writes(), each.reads()).forEach(block -> block.declare(declare)));
        steps.declare(declare);
        declare.accept(TensorDeclaration.of(rateName(), TensorRole.NORM, channels(), states()));
        declare.accept(TensorDeclaration.of(skipName(), TensorRole.NORM, channels()));
        output.declare(declare);
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(output);
    }
}
