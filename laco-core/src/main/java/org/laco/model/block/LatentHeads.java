package org.laco.model.block;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sizes of the heads of {@link LatentProjection}, and how their elements are laid out.
 *
 * @param heads the number of heads
 * @param plain the number of elements of a query or key that aren't rotated
 * @param rotated the number of those that are
 * @param values the number of elements of a head's values
 */
public record LatentHeads(int heads, int plain, int rotated, int values) {
    /**
     * Returns the width of a head where queries, keys and values have the same one.
     *
     * @return the larger of the width of keys and that of values
     */
    public int headSize() {
        return Math.max(plain + rotated, values);
    }

    /** Moves the rotated elements of queries to the front. */
    INDArray queries(INDArray stored) {
        INDArray queries = HeadColumns.zeros(stored.size(0), heads, headSize());
        move(stored, plain + rotated, plain, queries, headSize(), 0, rotated);
        move(stored, plain + rotated, 0, queries, headSize(), rotated, plain);
        return queries;
    }

    /** Moves the rotated elements of queries to where they are stored. */
    INDArray plainQueries(INDArray queries) {
        INDArray stored = HeadColumns.zeros(queries.size(0), heads, plain + rotated);
        move(queries, headSize(), 0, stored, plain + rotated, plain, rotated);
        move(queries, headSize(), rotated, stored, plain + rotated, 0, plain);
        return stored;
    }

    /** Gives each head's plain elements the rotated ones of all. */
    INDArray keys(INDArray expanded, INDArray ofAll) {
        INDArray keys = HeadColumns.zeros(expanded.size(0), heads, headSize());
        HeadColumns.putInEach(keys, headSize(), 0, ofAll);
        move(expanded, plain + values, 0, keys, headSize(), rotated, plain);
        return keys;
    }

    INDArray values(INDArray expanded) {
        INDArray each = HeadColumns.zeros(expanded.size(0), heads, headSize());
        move(expanded, plain + values, plain, each, headSize(), 0, values);
        return each;
    }

    /** Joins the plain elements of keys and the values of each head. */
    INDArray expanded(INDArray keys, INDArray each) {
        INDArray expanded = HeadColumns.zeros(keys.size(0), heads, plain + values);
        move(keys, headSize(), rotated, expanded, plain + values, 0, plain);
        move(each, headSize(), 0, expanded, plain + values, plain, values);
        return expanded;
    }

    /** Returns the sum over heads of the rotated elements of keys. */
    INDArray rotated(INDArray keys) {
        return HeadColumns.sum(keys, headSize(), 0, rotated);
    }

    private static void move(INDArray from, int size, int first, INDArray to, int toSize, int toFirst, int count) {
        if (count > 0) {
            try (INDArray columns = HeadColumns.copy(from, size, first, first + count)) {
                HeadColumns.put(to, toSize, toFirst, columns, count);
            }
        }
    }
}
