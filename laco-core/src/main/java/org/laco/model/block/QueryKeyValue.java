package org.laco.model.block;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The queries, keys and values of a batch, each a new array.
 *
 * @param queries the queries {@code [rows, heads · headSize]}
 * @param keys the keys {@code [rows, keyValueHeads · headSize]}
 * @param values the values {@code [rows, keyValueHeads · headSize]}
 * @param gates what the weighted values are gated by, through a sigmoid, {@code [rows, heads · headSize]}, if they are
 */
public record QueryKeyValue(INDArray queries, INDArray keys, INDArray values, Optional<INDArray> gates) {
    /**
     * Makes those of attention without gates.
     *
     * @param queries the queries {@code [rows, heads · headSize]}
     * @param keys the keys {@code [rows, keyValueHeads · headSize]}
     * @param values the values {@code [rows, keyValueHeads · headSize]}
     */
    public QueryKeyValue(INDArray queries, INDArray keys, INDArray values) {
        this(queries, keys, values, Optional.empty());
    }
}
