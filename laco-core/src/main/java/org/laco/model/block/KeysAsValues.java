package org.laco.model.block;

import java.util.List;
import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Queries and keys by a map each, and values that are the keys as they come from their map.
 *
 * @param query the map to the queries
 * @param key the map to the keys
 */
public record KeysAsValues(Linear query, Linear key) implements Projection {
    @Override
    public QueryKeyValue apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray keys = key.apply(x, weights, pass);
        return new QueryKeyValue(
                query.apply(x, weights, pass), keys, pass.kernels().copy(keys));
    }

    @Override
    public RecordedProjection record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording queries = query.record(x, weights, pass);
        Recording keys = key.record(x, weights, pass);
        INDArray values = kernels.copy(keys.output());
        return new RecordedProjection(
                new QueryKeyValue(queries.output(), keys.output(), values),
                (outputs, gradients) -> {
                    INDArray sum = queries.backward(outputs.queries(), gradients);
                    INDArray both = kernels.copy(outputs.keys());
                    kernels.add(both, outputs.values());
                    ArraySum.add(sum, keys.backward(both, gradients), kernels);
                    kernels.release(both);
                    return sum;
                },
                () -> {
                    List.of(queries, keys).forEach(Recording::close);
                    kernels.release(values);
                });
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        query.declare(declare);
        key.declare(declare);
    }
}
