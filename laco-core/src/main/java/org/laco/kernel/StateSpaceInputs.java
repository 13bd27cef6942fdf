package org.laco.kernel;

import org.laco.base.Internal;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a state space model of Mamba 2 is computed from.
 *
 * @param mixed the heads' inputs x, what writes states B, and what reads them C, {@code [rows, heads · headSize + 2 · groups ·
 *     stateSize]}
 * @param steps what the time step of each head comes from {@code [rows, heads]}, by {@code softplus(step + bias)} within its limits
 * @param rates the logarithm of each head's rate {@code [heads]}
 * @param biases what is added to each head's steps {@code [heads]}
 * @param skips the factor of each head's input that is added to its output {@code [heads]}
 */
@Internal
public record StateSpaceInputs(INDArray mixed, INDArray steps, INDArray rates, INDArray biases, INDArray skips) {}
