package org.laco.model.block;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A projection beside which a map of its own gives gates of the output.
 *
 * @param projection the projection, which has no gates
 * @param gate the block that gives the gates, {@code heads · headSize} of them
 */
public record OutputGateProjection(Projection projection, Block gate) implements Projection {
    @Override
    public QueryKeyValue apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        QueryKeyValue projected = projection.apply(x, weights, pass);
        return gated(projected, gate.apply(x, weights, pass));
    }

    private static QueryKeyValue gated(QueryKeyValue projected, INDArray gates) {
        return new QueryKeyValue(projected.queries(), projected.keys(), projected.values(), Optional.of(gates));
    }

    @Override
    public RecordedProjection record(INDArray x, LayerWeights weights, ForwardPass pass) {
        RecordedProjection projected = projection.record(x, weights, pass);
        Recording gates = gate.record(x, weights, pass);
        return new RecordedProjection(
                gated(projected.outputs(), gates.output()),
                (outputs, gradients) -> ArraySum.add(
                        projected.derivative().apply(outputs, gradients),
                        gates.backward(outputs.gates().orElseThrow(), gradients),
                        pass.kernels()),
                () -> {
                    gates.close();
                    projected.free().run();
                });
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        projection.declare(declare);
        gate.declare(declare);
    }
}
