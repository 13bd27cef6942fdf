package org.laco.kernel;

import org.laco.base.Internal;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a selective scan of Mamba is computed from.
 *
 * @param x the channels' inputs {@code [rows, channels]}
 * @param steps what the time step of each channel comes from {@code [rows, channels]}, by {@code softplus(step)}
 * @param writes what writes the states B {@code [rows, states]}
 * @param reads what reads the states C {@code [rows, states]}
 * @param rates the logarithm of the rate of each channel's states {@code [channels, states]}
 * @param skips the factor of each channel's input that is added to its output {@code [channels]}
 */
@Internal
public record SelectiveScanInputs(
        INDArray x, INDArray steps, INDArray writes, INDArray reads, INDArray rates, INDArray skips) {}
