package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2).
 *
 * <pre>m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − rate · (λw + m / (1−β₁ᵗ) / (√(v / (1−β₂ᵗ)) + ε))</pre>
 *
 * <pre>{@code
 * Optimizer optimizer = AdamW.ofDefaults().withDecay(0.01);
 * }</pre>
 *
 * @param beta1 β₁, from 0 to below 1
 * @param beta2 β₂, from 0 to below 1
 * @param epsilon ε, above 0
 * @param decay λ, 0 or more
 */
public record AdamW(double beta1, double beta2, double epsilon, double decay) implements Optimizer {
    /** The bias is corrected in the rate, in float64: the operation's own correction is off by 5e-5 in the first steps. */
    private static final int CORRECTED = Integer.MAX_VALUE - 1;

    /** Checks the ranges. */
    public AdamW {
        checkArgument(beta1 >= 0 && beta1 < 1, "beta1 is %s, expected 0 or more and less than 1", beta1);
        checkArgument(beta2 >= 0 && beta2 < 1, "beta2 is %s, expected 0 or more and less than 1", beta2);
        checkArgument(epsilon > 0, "epsilon is %s, expected more than 0", epsilon);
        checkArgument(decay >= 0, "weight decay is %s, expected 0 or more", decay);
    }

    /**
     * Returns what is usual for language models: β 0.9 and 0.95, ε 1e-8, no decay.
     *
     * @return the optimiser
     */
    public static AdamW ofDefaults() {
        return new AdamW(0.9, 0.95, 1e-8, 0);
    }

    /**
     * Sets the weight decay.
     *
     * @param factor λ, 0 or more
     * @return the optimiser
     */
    public AdamW withDecay(double factor) {
        return new AdamW(beta1, beta2, epsilon, factor);
    }

    @Override
    public String name() {
        return "adamw";
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of("beta1", beta1, "beta2", beta2, "epsilon", epsilon, "decay", decay);
    }

    @Override
    public int states() {
        return 2;
    }

    @Override
    public void update(INDArray weight, INDArray gradient, ImmutableList<INDArray> state, double rate, long step) {
        double second = Math.sqrt(1 - Math.pow(beta2, step));
        double corrected = rate * second / (1 - Math.pow(beta1, step));
        Nd4j.exec(new AdamUpdater(
                gradient, state.get(1), state.get(0), corrected, beta1, beta2, epsilon * second, CORRECTED));
        if (decay != 0) {
            weight.muli(1 - rate * decay);
        }
        weight.subi(gradient);
    }
}
