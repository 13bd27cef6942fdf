package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

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
        INDArray fused = map.apply(x, weights, pass);
        INDArray grouped = fused.reshape('c', fused.size(0), groups, queryWidth + 2L * keyWidth);
        QueryKeyValue parts = new QueryKeyValue(
                part(grouped, 0, queryWidth),
                part(grouped, queryWidth, keyWidth),
                part(grouped, queryWidth + keyWidth, keyWidth));
        pass.kernels().release(fused);
        return parts;
    }

    private INDArray part(INDArray grouped, int from, int count) {
        return grouped.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(from, from + count))
                .dup('c')
                .reshape('c', grouped.size(0), (long) groups * count);
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        map.declare(declare);
    }
}
