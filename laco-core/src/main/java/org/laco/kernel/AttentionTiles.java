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
     * Some rows of a text and a key head, with the keys that these rows see, rounded to whole steps.
     *
     * @param text the rows that see one another
     * @param from the first query of the tile
     * @param to the one after its last
     * @param keyFrom the first key of the tile
     * @param keyTo the one after its last, which may lie beyond the text
     * @param keyHead the key head
     */
    record Tile(AttendedText text, int from, int to, int keyFrom, int keyTo, int keyHead) {
        int keys() {
            return keyTo - keyFrom;
        }
    }

    /** Divides the rows of one text, for one key head, from its start to its end. */
    List<Tile> of(AttendedText text, int keyHead) {
        List<Tile> tiles = new ArrayList<>();
        for (int from = 0; from < text.length(); from += queries) {
            int to = Math.min(text.length(), from + queries);
            int keyFrom = text.branches() ? 0 : weights.first(from) / KEY_STEP * KEY_STEP;
            int keyTo = (to + KEY_STEP - 1) / KEY_STEP * KEY_STEP;
            tiles.add(new Tile(text, from, to, keyFrom, keyTo, keyHead));
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
                source.get((tile.text.start() + row) * spec.queryWidth() + column, gathered, at, size);
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
        for (int row = tile.keyFrom; row < Math.min(tile.text.length(), tile.keyTo); row++, at += size) {
            source.get((tile.text.start() + row) * spec.keyWidth() + tile.keyHead * size, gathered, at, size);
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
                destination.put(
                        (tile.text.start() + row) * spec.queryWidth() + column, head, (row - tile.from) * size, size);
            }
        }
        chunks.give(head);
    }

    /** Copies what is there for each key of a tile's sequence to the key's row and the tile's head. */
    void copyKeys(INDArray gathered, HostFloats destination, Tile tile) {
        int size = spec.headSize();
        float[] rows = chunks.take(tile.text.length() * size);
        HostFloats.of(gathered).get(0, rows, tile.text.length() * size);
        for (int row = 0; row < tile.text.length(); row++) {
            destination.put((tile.text.start() + row) * spec.keyWidth() + tile.keyHead * size, rows, row * size, size);
        }
        chunks.give(rows);
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
                elements.get(at, row, keys);
                if (tile.text.branches()) {
                    weighSeen(row, keys, tile.text, query, tile.keyHead * spec.group() + head);
                } else {
                    weighAllBefore(row, tile, query, tile.keyHead * spec.group() + head);
                }
                elements.put(at, row, keys);
            }
        }
        chunks.give(row);
    }

    private void weighAllBefore(float[] row, Tile tile, int query, int head) {
        int first = weights.first(query) - tile.keyFrom;
        int end = query + 1 - tile.keyFrom;
        weights.weigh(row, first, end - first, head);
        Arrays.fill(row, 0, first, 0);
        Arrays.fill(row, end, tile.keys(), 0);
    }

    /** Weighs the keys of a row that doesn't see all rows before it, brought together in the order of their positions. */
    private void weighSeen(float[] row, int keys, AttendedText text, int query, int head) {
        int seen = text.seen(query);
        int first = weights.first(seen - 1);
        float[] together = chunks.take(seen);
        for (int position = first; position < seen; position++) {
            together[position] = row[text.row(query, position)];
        }
        weights.weigh(together, first, seen - first, head);
        Arrays.fill(row, 0, keys, 0);
        for (int position = first; position < seen; position++) {
            row[text.row(query, position)] = together[position];
        }
        chunks.give(together);
    }
}
