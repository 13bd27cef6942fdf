package org.laco.model.block;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Queries, keys and values by a map each, where that of the queries gives gates of the output too: for each head its query, then its
 * gate.
 *
 * @param queryGate the map to queries and gates
 * @param key the map to the keys
 * @param value the map to the values
 * @param headSize the width of a head
 */
public record GatedProjection(Linear queryGate, Linear key, Linear value, int headSize) implements Projection {
    @Override
    public QueryKeyValue apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        INDArray both = queryGate.apply(x, weights, pass);
        INDArray queries = part(both, 0);
        INDArray gates = part(both, headSize);
        kernels.release(both);
        return new QueryKeyValue(
                queries, key.apply(x, weights, pass), value.apply(x, weights, pass), Optional.of(gates));
    }

    private INDArray part(INDArray both, int from) {
        return Columns.copy(heads(both, 2 * headSize), from, from + headSize)
                .reshape('c', both.size(0), both.size(1) / 2);
    }

    /** A row of each head. */
    private static INDArray heads(INDArray matrix, int size) {
        return matrix.reshape('c', matrix.length() / size, size);
    }

    @Override
    public RecordedProjection record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording both = queryGate.record(x, weights, pass);
        INDArray queries = part(both.output(), 0);
        INDArray gates = part(both.output(), headSize);
        kernels.release(both.detach());
        Recording keys = key.record(x, weights, pass);
        Recording values = value.record(x, weights, pass);
        return new RecordedProjection(
                new QueryKeyValue(queries, keys.output(), values.output(), Optional.of(gates)),
                (outputs, gradients) -> {
                    INDArray joined = kernels.matrix(x.size(0), queryGate.out());
                    INDArray rows = heads(joined, 2 * headSize);
                    Columns.put(rows, 0, heads(outputs.queries(), headSize));
                    Columns.put(rows, headSize, heads(outputs.gates().orElseThrow(), headSize));
                    INDArray sum = both.backward(joined, gradients);
                    kernels.release(joined);
                    ArraySum.add(sum, keys.backward(outputs.keys(), gradients), kernels);
                    return ArraySum.add(sum, values.backward(outputs.values(), gradients), kernels);
                },
                () -> {
                    kernels.release(queries);
                    kernels.release(gates);
                    List.of(both, keys, values).forEach(Recording::close);
                });
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        queryGate.declare(declare);
        key.declare(declare);
        value.declare(declare);
    }
}
