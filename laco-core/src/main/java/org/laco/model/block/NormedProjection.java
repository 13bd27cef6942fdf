package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A projection whose queries, keys and values go through norms of their own.
 *
 * @param projection the projection
 * @param query the norm of queries
 * @param key the norm of keys
 * @param value the norm of values
 */
public record NormedProjection(Projection projection, RowBlock query, RowBlock key, RowBlock value)
        implements Projection {
    @Override
    public QueryKeyValue apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        QueryKeyValue projected = projection.apply(x, weights, pass);
        return new QueryKeyValue(
                exchanged(query, projected.queries(), weights, pass),
                exchanged(key, projected.keys(), weights, pass),
                exchanged(value, projected.values(), weights, pass));
    }

    private static INDArray exchanged(RowBlock norm, INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray normed = norm.apply(x, weights, pass);
        pass.kernels().release(x);
        return normed;
    }

    @Override
    public RecordedProjection record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        RecordedProjection projected = projection.record(x, weights, pass);
        Recording queries = query.record(projected.outputs().queries(), weights, pass);
        Recording keys = key.record(projected.outputs().keys(), weights, pass);
        Recording values = value.record(projected.outputs().values(), weights, pass);
        return new RecordedProjection(
                new QueryKeyValue(queries.output(), keys.output(), values.output()),
                (outputs, gradients) -> {
                    QueryKeyValue before = new QueryKeyValue(
                            queries.backward(outputs.queries(), gradients),
                            keys.backward(outputs.keys(), gradients),
                            values.backward(outputs.values(), gradients));
                    INDArray sum = projected.derivative().apply(before, gradients);
                    kernels.release(before.queries());
                    kernels.release(before.keys());
                    kernels.release(before.values());
                    return sum;
                },
                () -> {
                    queries.close();
                    keys.close();
                    values.close();
                    projected.free().run();
                });
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        projection.declare(declare);
        query.declare(declare);
        key.declare(declare);
        value.declare(declare);
    }
}
