package org.laco.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention by matrix products, two for each block of a sequence's rows and each key head: the queries of all heads that share it times
 * its keys, and their weights times its values.
 *
 * <p>Shapes are rounded up, with rows of zeros, so that few products have to be compiled: blocks have a fixed number of rows, and keys
 * come in whole steps.
 */
final class AttentionProducts {
    /** Rows of a product that make it efficient. */
    private static final int ROWS = 256;

    /** Query rows of a head in a block: half of what the last of them computes with, on average, is masked. */
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
    private record Block(int start, int length, int from, int to, int keyFrom, int keyTo, int keyHead) {
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
                Block block = new Block(start, length, from, to, keyFrom, keyTo, keyHead);
                tasks.add(() -> compute(arrays, block));
            }
        }
        return tasks;
    }

    private void compute(AttentionArrays arrays, Block block) {
        int rows = spec.group() * blockQueries;
        INDArray products = pool.take(rows, block.keys());
        INDArray queries = queries(arrays, block);
        INDArray keys = keys(arrays.keys(), block);
        product.multiply(queries, keys, false, products);
        weigh(products, block);
        INDArray values = keys(arrays.values(), block);
        // The queries are not needed any more, and what comes out has their shape.
        product.multiply(products, values, true, queries);
        copyOut(queries, arrays, block);
        List.of(products, queries, keys, values).forEach(pool::give);
    }

    private INDArray queries(AttentionArrays arrays, Block block) {
        int size = spec.headSize();
        int length = spec.group() * blockQueries * size;
        float[] gathered = chunks.take(length);
        for (int head = 0; head < spec.group(); head++) {
            int at = head * blockQueries * size;
            int column = (block.keyHead * spec.group() + head) * size;
            for (int row = block.from; row < block.to; row++, at += size) {
                arrays.queries().get((block.start + row) * queryWidth + column, gathered, at, size);
            }
            Arrays.fill(gathered, at, (head + 1) * blockQueries * size, 0);
        }
        return matrix(gathered, length);
    }

    /** Copies a key head's keys or values. */
    private INDArray keys(HostFloats source, Block block) {
        int size = spec.headSize();
        int length = block.keys() * size;
        float[] gathered = chunks.take(length);
        int at = 0;
        for (int row = block.keyFrom; row < Math.min(block.length, block.keyTo); row++, at += size) {
            source.get((block.start + row) * keyWidth + block.keyHead * size, gathered, at, size);
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
    private void weigh(INDArray products, Block block) {
        int keys = block.keys();
        HostFloats elements = HostFloats.of(products);
        float[] row = chunks.take(keys);
        for (int head = 0; head < spec.group(); head++) {
            for (int query = block.from; query < block.to; query++) {
                int at = (head * blockQueries + query - block.from) * keys;
                int first = weights.first(query) - block.keyFrom;
                int end = query + 1 - block.keyFrom;
                elements.get(at, row, keys);
                weights.weigh(row, first, end - first, block.keyHead * spec.group() + head);
                Arrays.fill(row, 0, first, 0);
                Arrays.fill(row, end, keys, 0);
                elements.put(at, row, keys);
            }
        }
        chunks.give(row);
    }

    private void copyOut(INDArray weighted, AttentionArrays arrays, Block block) {
        int size = spec.headSize();
        HostFloats elements = HostFloats.of(weighted);
        float[] head = chunks.take(blockQueries * size);
        for (int i = 0; i < spec.group(); i++) {
            elements.get(i * blockQueries * size, head, 0, blockQueries * size);
            int column = (block.keyHead * spec.group() + i) * size;
            for (int row = block.from; row < block.to; row++) {
                arrays.out().put((block.start + row) * queryWidth + column, head, (row - block.from) * size, size);
            }
        }
        chunks.give(head);
    }
}
