package org.laco.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How attention divides into matrix products: each tile has some rows of a sequence, all query heads that share a key head, and the keys
 * that these rows see.
 *
 * <p>Shapes are rounded up, with rows of zeros, so that few products have to be compiled: tiles have a fixed number of rows, and keys
 * come in whole steps.
 */
final class AttentionTiles {
    /** Rows of a product that make it efficient. */
    private static final int ROWS = 256;

    /** Query rows of a head in a tile: half of what the last of them computes with, on average, is masked. */
    private static final int MOST_QUERIES = 64;

    private static final int FEWEST_QUERIES = 16;

    private static final int KEY_STEP = 64;

    private final AttentionSpec spec;
    private final AttentionWeights weights;
    private final RowChunks chunks;
    private final ArrayPool pool;
    private final int queries;

    AttentionTiles(AttentionSpec spec, AttentionWeights weights, RowChunks chunks, ArrayPool pool) {
        this.spec = spec;
        this.weights = weights;
        this.chunks = chunks;
        this.pool = pool;
        int efficient = ROWS / spec.group() / FEWEST_QUERIES * FEWEST_QUERIES;
        this.queries = Math.max(FEWEST_QUERIES, Math.min(MOST_QUERIES, efficient));
    }

    /**
     * Some rows of a sequence and a key head, with the keys that these rows see, rounded to whole steps.
     *
     * @param start the batch's row where the sequence starts
     * @param length the sequence's number of rows
     * @param from the first query of the tile
     * @param to the one after its last
     * @param keyFrom the first key of the tile
     * @param keyTo the one after its last, which may lie beyond the sequence
     * @param keyHead the key head
     */
    record Tile(int start, int length, int from, int to, int keyFrom, int keyTo, int keyHead) {
        int keys() {
            return keyTo - keyFrom;
        }
    }

    /** Divides the rows of one sequence, for one key head, from its start to its end. */
    List<Tile> of(int start, int length, int keyHead) {
        List<Tile> tiles = new ArrayList<>();
        for (int from = 0; from < length; from += queries) {
            int to = Math.min(length, from + queries);
            int keyFrom = weights.first(from) / KEY_STEP * KEY_STEP;
            int keyTo = (to + KEY_STEP - 1) / KEY_STEP * KEY_STEP;
            tiles.add(new Tile(start, length, from, to, keyFrom, keyTo, keyHead));
        }
        return tiles;
    }

    /** The number of rows of a tile's products: each head's queries follow one another. */
    int rows() {
        return spec.group() * queries;
    }

    /** The row of a tile's products for a query of one of the heads that share the tile's key head. */
    int row(Tile tile, int head, int query) {
        return head * queries + query - tile.from;
    }

    /** Copies the queries of all heads of a tile, or what has their shape. */
    INDArray queries(HostFloats source, Tile tile) {
        int size = spec.headSize();
        int length = rows() * size;
        float[] gathered = chunks.take(length);
        for (int head = 0; head < spec.group(); head++) {
            int at = head * queries * size;
            int column = column(tile, head);
            for (int row = tile.from; row < tile.to; row++, at += size) {
                source.get((tile.start + row) * spec.queryWidth() + column, gathered, at, size);
            }
            Arrays.fill(gathered, at, (head + 1) * queries * size, 0);
        }
        return matrix(gathered, length);
    }

    /** Copies a tile's keys or values. */
    INDArray keys(HostFloats source, Tile tile) {
        int size = spec.headSize();
        int length = tile.keys() * size;
        float[] gathered = chunks.take(length);
        int at = 0;
        for (int row = tile.keyFrom; row < Math.min(tile.length, tile.keyTo); row++, at += size) {
            source.get((tile.start + row) * spec.keyWidth() + tile.keyHead * size, gathered, at, size);
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

    /** Copies what has the shape of {@link #queries} to its rows and columns. */
    void copyQueries(INDArray gathered, HostFloats destination, Tile tile) {
        int size = spec.headSize();
        HostFloats elements = HostFloats.of(gathered);
        float[] head = chunks.take(queries * size);
        for (int i = 0; i < spec.group(); i++) {
            elements.get(i * queries * size, head, 0, queries * size);
            int column = column(tile, i);
            for (int row = tile.from; row < tile.to; row++) {
                destination.put((tile.start + row) * spec.queryWidth() + column, head, (row - tile.from) * size, size);
            }
        }
        chunks.give(head);
    }

    private int column(Tile tile, int head) {
        return (tile.keyHead * spec.group() + head) * spec.headSize();
    }

    /** Replaces a tile's products by weights, which are zero for keys that a query doesn't see. */
    void weigh(INDArray products, Tile tile) {
        int keys = tile.keys();
        HostFloats elements = HostFloats.of(products);
        float[] row = chunks.take(keys);
        for (int head = 0; head < spec.group(); head++) {
            for (int query = tile.from; query < tile.to; query++) {
                int at = row(tile, head, query) * keys;
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
}
