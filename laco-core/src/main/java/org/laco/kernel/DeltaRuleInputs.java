package org.laco.kernel;

import org.laco.base.Internal;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a gated delta rule is computed from.
 *
 * @param mixed queries, keys and values {@code [rows, 2 · keyWidth + valueWidth]}, before queries and keys are normalised
 * @param decays what the decay of each head's state comes from {@code [rows, valueHeads]}: its logarithm is {@code −exp(rate) ·
 *     softplus(decay + bias)}
 * @param strengths what the strength of each head's update comes from {@code [rows, valueHeads]}, by a sigmoid
 * @param rates the logarithm of each head's rate {@code [valueHeads]}
 * @param biases what is added to each head's decays {@code [valueHeads]}
 */
@Internal
public record DeltaRuleInputs(INDArray mixed, INDArray decays, INDArray strengths, INDArray rates, INDArray biases) {}
