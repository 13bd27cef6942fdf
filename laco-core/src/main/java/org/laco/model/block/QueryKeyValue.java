package org.laco.model.block;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The queries, keys and values of a batch, each a new array.
 *
 * @param queries the queries {@code [rows, heads · headSize]}
 * @param keys the keys {@code [rows, keyValueHeads · headSize]}
 * @param values the values {@code [rows, keyValueHeads · headSize]}
 */
public record QueryKeyValue(INDArray queries, INDArray keys, INDArray values) {}
