package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A projection that is stored with its values where others have keys, and its keys where others have values, as CodeGen's.
 *
 * @param stored the projection by its order of storage, of as many values as keys
 */
public record ValuesBeforeKeys(Projection stored) implements Projection {
    @Override
    public QueryKeyValue apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return exchanged(stored.apply(x, weights, pass));
    }

    private static QueryKeyValue exchanged(QueryKeyValue parts) {
        return new QueryKeyValue(parts.queries(), parts.values(), parts.keys(), parts.gates());
    }

    @Override
    public RecordedProjection record(INDArray x, LayerWeights weights, ForwardPass pass) {
        RecordedProjection recorded = stored.record(x, weights, pass);
        return new RecordedProjection(
                exchanged(recorded.outputs()),
                (outputs, gradients) -> recorded.derivative().apply(exchanged(outputs), gradients),
                recorded.free());
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        stored.declare(declare);
    }
}
