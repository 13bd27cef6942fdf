package org.laco.kernel;

import java.util.ArrayList;
import java.util.List;
import org.laco.kernel.AttentionTiles.Tile;
import org.laco.tensor.ArrayPool;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention by matrix products, two for each {@linkplain AttentionTiles tile}: the queries of all heads that share a key head times its
 * keys, and their weights times its values.
 */
final class AttentionProducts {
    private final AttentionSpec spec;
    private final AttentionTiles tiles;
    private final MatrixProduct product;
    private final ArrayPool pool;

    AttentionProducts(
            AttentionSpec spec, AttentionWeights weights, RowChunks chunks, MatrixProduct product, ArrayPool pool) {
        this.spec = spec;
        this.tiles = new AttentionTiles(spec, weights, chunks, pool);
        this.product = product;
        this.pool = pool;
    }

    /** Returns what computes the rows of one text, in parts that may run in any order. */
    List<Runnable> tasks(AttentionArrays arrays, AttendedText text) {
        List<Runnable> tasks = new ArrayList<>();
        for (int keyHead = 0; keyHead < spec.keyValueHeads(); keyHead++) {
            for (Tile tile : tiles.of(text, keyHead)) {
                tasks.add(() -> compute(arrays, tile));
            }
        }
        return tasks;
    }

    private void compute(AttentionArrays arrays, Tile tile) {
        INDArray products = pool.take(tiles.rows(), tile.keys());
        INDArray queries = tiles.queries(arrays.queries(), tile);
        INDArray keys = tiles.keys(arrays.keys(), tile);
        product.multiply(queries, keys, false, products);
        tiles.weigh(products, tile);
        INDArray values = tiles.keys(arrays.values(), tile);
        // The queries are not needed any more, and what comes out has their shape.
        product.multiply(products, values, true, queries);
        tiles.copyQueries(queries, arrays.out(), tile);
        List.of(products, queries, keys, values).forEach(pool::give);
    }
}
