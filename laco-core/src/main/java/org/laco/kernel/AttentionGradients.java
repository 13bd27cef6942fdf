package org.laco.kernel;

import org.laco.base.Internal;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients of what enters attention, which the caller releases.
 *
 * @param queries by the queries {@code [rows, heads · headSize]}
 * @param keys by the keys {@code [rows, keyValueHeads · headSize]}
 * @param values by the values, as wide as the keys
 */
@Internal
public record AttentionGradients(INDArray queries, INDArray keys, INDArray values) {}
