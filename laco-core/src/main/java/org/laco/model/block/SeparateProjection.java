package org.laco.model.block;

import java.util.List;
import java.util.function.Consumer;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Queries, keys and values by a map each.
 *
 * @param query the map to the queries
 * @param key the map to the keys
 * @param value the map to the values
 */
public record SeparateProjection(Linear query, Linear key, Linear value) implements Projection {
    @Override
    public QueryKeyValue apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return new QueryKeyValue(
                query.apply(x, weights, pass), key.apply(x, weights, pass), value.apply(x, weights, pass));
    }

    @Override
    public RecordedProjection record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Recording queries = query.record(x, weights, pass);
        Recording keys = key.record(x, weights, pass);
        Recording values = value.record(x, weights, pass);
        return new RecordedProjection(
                new QueryKeyValue(queries.output(), keys.output(), values.output()),
                (outputs, gradients) -> {
                    INDArray sum = queries.backward(outputs.queries(), gradients);
                    ArraySum.add(sum, keys.backward(outputs.keys(), gradients), pass.kernels());
                    ArraySum.add(sum, values.backward(outputs.values(), gradients), pass.kernels());
                    return sum;
                },
                () -> List.of(queries, keys, values).forEach(Recording::close));
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        query.declare(declare);
        key.declare(declare);
        value.declare(declare);
    }
}
