package org.laco.model.block;

import java.util.function.Consumer;
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
    public void declare(Consumer<TensorDeclaration> declare) {
        query.declare(declare);
        key.declare(declare);
        value.declare(declare);
    }
}
