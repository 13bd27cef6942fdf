package org.laco.model.block;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The parts of a {@link GatedDeltaNet} by a map each, as in Qwen 3.5.
 *
 * @param mixed the map to queries, keys and values, or one for each of them joined
 * @param gate the map to what the output is gated by
 * @param strength the map to what the strengths of updates come from
 * @param decay the map to what the decays of states come from
 */
public record SeparateDeltaProjection(Block mixed, Linear gate, Linear strength, Linear decay)
        implements DeltaProjection {
    @Override
    public DeltaParts apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return new DeltaParts(
                mixed.apply(x, weights, pass),
                gate.apply(x, weights, pass),
                strength.apply(x, weights, pass),
                decay.apply(x, weights, pass));
    }

    @Override
    public RecordedDelta record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Recording mixedRecording = mixed.record(x, weights, pass);
        Recording gateRecording = gate.record(x, weights, pass);
        Recording strengthRecording = strength.record(x, weights, pass);
        Recording decayRecording = decay.record(x, weights, pass);
        return new RecordedDelta(
                new DeltaParts(
                        mixedRecording.output(),
                        gateRecording.output(),
                        strengthRecording.output(),
                        decayRecording.output()),
                (outputs, gradients) -> ArraySum.of(
                        Stream.of(
                                mixedRecording.backward(outputs.mixed(), gradients),
                                gateRecording.backward(outputs.gate(), gradients),
                                strengthRecording.backward(outputs.strengths(), gradients),
                                decayRecording.backward(outputs.decays(), gradients)),
                        pass.kernels()),
                () -> List.of(mixedRecording, gateRecording, strengthRecording, decayRecording)
                        .forEach(Recording::close));
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        mixed.declare(declare);
        gate.declare(declare);
        strength.declare(declare);
        decay.declare(declare);
    }
}
