package org.laco.model.block;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Queries of a layer's own, with the keys and values that a layer below has left, as {@link Carried} by a {@link StoringProjection}.
 *
 * @param query the map to the queries
 * @param norm the norm of the queries
 * @param from the first column of the keys, which the values follow, among all that are carried
 * @param keyWidth the width of the keys, and of the values
 * @param stored what a file may hold for keys and values of the layer's own, which nothing reads but which merges like the rest
 */
public record SharedProjection(Linear query, RowBlock norm, int from, int keyWidth, Optional<Projection> stored)
        implements Projection {
    @Override
    public QueryKeyValue apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray projected = query.apply(x, weights, pass);
        INDArray queries = norm.apply(projected, weights, pass);
        pass.kernels().release(projected);
        return new QueryKeyValue(queries, pass.carried(from, keyWidth), pass.carried(from + keyWidth, keyWidth));
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        if (stored.isPresent()) {
            stored.get().declare(declare);
        } else {
            query.declare(declare);
            norm.declare(declare);
        }
    }
}
