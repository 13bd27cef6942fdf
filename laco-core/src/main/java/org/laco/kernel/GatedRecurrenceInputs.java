package org.laco.kernel;

import org.laco.base.Internal;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a real-gated linear recurrent unit is computed from.
 *
 * @param x the channels' inputs {@code [rows, channels]}
 * @param inputGates what the inputs' gates come from, by a sigmoid {@code [rows, channels]}
 * @param decayGates what the gates of decays come from, by a sigmoid {@code [rows, channels]}
 * @param rates what each channel's rate comes from, by {@code softplus} {@code [channels]}
 */
@Internal
public record GatedRecurrenceInputs(INDArray x, INDArray inputGates, INDArray decayGates, INDArray rates) {}
