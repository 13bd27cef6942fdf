package org.laco.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention by matrix products, two for each tile of a sequence's rows and each key head: the queries of all heads that share it times
 * its keys, and their weights times its values.
 *
 * <p>Shapes are rounded up, with rows of zeros, so that few products have to be compiled: tiles have a fixed number of rows, and keys
 * come in whole steps.
 */
final class AttentionProducts {
    /** Rows of a product that make it efficient. */
    private static final int ROWS = 256;

    /** Query rows of a head in a tile: half of what the last of them computes with, on average, is masked. */
    private static final int MOST_QUERIES = 64;

    private static final int FEWEST_QUERIES = 16;

    private static final int KEY_STEP = 64;

    private final AttentionSpec spec;
    private final AttentionWeights weights;
    private final RowChunks chunks;
    private final MatrixProduct product;
    private final ArrayPool pool;
    private final int queryWidth;
    private final int keyWidth;
    private final int blockQueries;

    AttentionProducts(
            AttentionSpec spec, AttentionWeights weights, RowChunks chunks, MatrixProduct product, ArrayPool pool) {
        this.spec = spec;
        this.weights = weights;
        this.chunks = chunks;
        this.product = product;
        this.pool = pool;
        this.queryWidth = spec.queryWidth();
        this.keyWidth = spec.keyWidth();
        int efficient = ROWS / spec.group() / FEWEST_QUERIES * FEWEST_QUERIES;
        this.blockQueries = Math.max(FEWEST_QUERIES, Math.min(MOST_QUERIES, efficient));
    }

    /** Some rows of a sequence and a key head, with the keys that these rows see, rounded to whole steps. */
    private record Tile(int start, int length, int from, int to, int keyFrom, int keyTo, int keyHead) {
        int keys() {
            return keyTo - keyFrom;
        }
    }

    /** Returns what computes the rows of one sequence, in parts that may run in any order. */
    List<Runnable> tasks(AttentionArrays arrays, int start, int length) {
        List<Runnable> tasks = new ArrayList<>();
        for (int from = 0; from < length; from += blockQueries) {
            int to = Math.min(length, from + blockQueries);
            int keyFrom = weights.first(from) / KEY_STEP * KEY_STEP;
            int keyTo = (to + KEY_STEP - 1) / KEY_STEP * KEY_STEP;
            for (int keyHead = 0; keyHead < spec.keyValueHeads(); keyHead++) {
                Tile tile = new Tile(start, length, from, to, keyFrom, keyTo, keyHead);
                tasks.add(() -> compute(arrays, tile));
            }
        }
        return tasks;
    }

    private void compute(AttentionArrays arrays, Tile tile) {
        int rows = spec.group() * blockQueries;
        INDArray products = pool.take(rows, tile.keys());
        INDArray queries = queries(arrays, tile);
        INDArray keys = keys(arrays.keys(), tile);
        product.multiply(queries, keys, false, products);
        weigh(products, tile);
        INDArray values = keys(arrays.values(), tile);
        // The queries are not needed any more, and what comes out has their shape.
        product.multiply(products, values, true, queries);
        copyOut(queries, arrays, tile);
        List.of(products, queries, keys, values).forEach(pool::give);
    }

    private INDArray queries(AttentionArrays arrays, Tile tile) {
        int size = spec.headSize();
        int length = spec.group() * blockQueries * size;
        float[] gathered = chunks.take(length);
        for (int head = 0; head < spec.group(); head++) {
            int at = head * blockQueries * size;
            int column = (tile.keyHead * spec.group() + head) * size;
            for (int row = tile.from; row < tile.to; row++, at += size) {
                arrays.queries().get((tile.start + row) * queryWidth + column, gathered, at, size);
            }
            Arrays.fill(gathered, at, (head + 1) * blockQueries * size, 0);
        }
        return matrix(gathered, length);
    }

    /** Copies a key head's keys or values. */
    private INDArray keys(HostFloats source, Tile tile) {
        int size = spec.headSize();
        int length = tile.keys() * size;
        float[] gathered = chunks.take(length);
        int at = 0;
        for (int row = tile.keyFrom; row < Math.min(tile.length, tile.keyTo); row++, at += size) {
            source.get((tile.start + row) * keyWidth + tile.keyHead * size, gathered, at, size);
        }
        Arrays.fill(gathered, at, length, 0);
        return matrix(gathered, length);
    }

    private INDArray matrix(float[] elements, int length) {
        INDArray matrix = pool.take(length / spec.headSize(), spec.headSize());
        HostFloats.of(matrix).put(0, elements, length);
        chunks.give(elements);
        return matrix;
    }

    /** Replaces products by weights, which are zero for keys that a query doesn't see. */
    private void weigh(INDArray products, Tile tile) {
        int keys = tile.keys();
        HostFloats elements = HostFloats.of(products);
        float[] row = chunks.take(keys);
        for (int head = 0; head < spec.group(); head++) {
            for (int query = tile.from; query < tile.to; query++) {
                int at = (head * blockQueries + query - tile.from) * keys;
                int first = weights.first(query) - tile.keyFrom;
                int end = query + 1 - tile.keyFrom;
                elements.get(at, row, keys);
                weights.weigh(row, first, end - first, tile.keyHead * spec.group() + head);
                Arrays.fill(row, 0, first, 0);
                Arrays.fill(row, end, keys, 0);
                elements.put(at, row, keys);
            }
        }
        chunks.give(row);
    }

    private void copyOut(INDArray weighted, AttentionArrays arrays, Tile tile) {
        int size = spec.headSize();
        HostFloats elements = HostFloats.of(weighted);
        float[] head = chunks.take(blockQueries * size);
        for (int i = 0; i < spec.group(); i++) {
            elements.get(i * blockQueries * size, head, 0, blockQueries * size);
            int column = (tile.keyHead * spec.group() + i) * size;
            for (int row = tile.from; row < tile.to; row++) {
                arrays.out().put((tile.start + row) * queryWidth + column, head, (row - tile.from) * size, size);
            }
        }
        chunks.give(head);
    }
}
