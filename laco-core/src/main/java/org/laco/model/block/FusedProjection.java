package org.laco.model.block;

import java.util.List;
import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Queries, keys and values by one map whose outputs are split.
 *
 * <p>The outputs are so many groups one after another, and each group holds its queries, then its keys, then its values:
 *
 * <pre>
 * one group            q q q q k k v v      Phi-3, Baichuan, GPT-2
 * a group a key head   q q k v  q q k v     Falcon
 * a group a head       q k v  q k v  …      GPT-NeoX
 * </pre>
 *
 * @param map the map
 * @param groups the number of groups
 * @param queryWidth the number of query elements of a group
 * @param keyWidth the number of key elements of a group, and of value elements
 */
public record FusedProjection(Linear map, int groups, int queryWidth, int keyWidth) implements Projection {
    /**
     * Makes a projection that holds all queries, then all keys, then all values.
     *
     * @param map the map
     * @param queryWidth the number of query elements
     * @param keyWidth the number of key elements, and of value elements
     * @return the projection
     */
    public static FusedProjection inOneGroup(Linear map, int queryWidth, int keyWidth) {
        return new FusedProjection(map, 1, queryWidth, keyWidth);
    }

    @Override
    public QueryKeyValue apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return split(map.apply(x, weights, pass), pass.kernels());
    }

    /** Returns the parts of the map's output in exchange for it. */
    private QueryKeyValue split(INDArray fused, Kernels kernels) {
        QueryKeyValue parts = new QueryKeyValue(
                part(fused, 0, queryWidth),
                part(fused, queryWidth, keyWidth),
                part(fused, queryWidth + keyWidth, keyWidth));
        kernels.release(fused);
        return parts;
    }

    private INDArray part(INDArray fused, int from, int count) {
        return Columns.copy(grouped(fused), from, from + count).reshape('c', fused.size(0), (long) groups * count);
    }

    /** A row of each group. */
    private INDArray grouped(INDArray matrix) {
        return matrix.reshape('c', matrix.size(0) * groups, matrix.size(1) / groups);
    }

    @Override
    public RecordedProjection record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording fused = map.record(x, weights, pass);
        QueryKeyValue parts = split(fused.detach(), kernels);
        return new RecordedProjection(
                parts, (outputs, gradients) -> backward(fused, outputs, gradients, kernels), () -> {
                    List.of(parts.queries(), parts.keys(), parts.values()).forEach(kernels::release);
                    fused.close();
                });
    }

    private INDArray backward(Recording fused, QueryKeyValue outputs, Gradients gradients, Kernels kernels) {
        INDArray joined = kernels.matrix(outputs.queries().size(0), map.out());
        INDArray rows = grouped(joined);
        Columns.put(rows, 0, grouped(outputs.queries()));
        Columns.put(rows, queryWidth, grouped(outputs.keys()));
        Columns.put(rows, queryWidth + keyWidth, grouped(outputs.values()));
        INDArray before = fused.backward(joined, gradients);
        kernels.release(joined);
        return before;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        map.declare(declare);
    }
}
