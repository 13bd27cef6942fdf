package org.laco.fit;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What fits of weights to calibration sequences cost.
 *
 * @param time how long they took, the layers run for them included
 * @param solutions how many times a weight was fitted, whether or not it was taken
 * @param tokens the number of calibration tokens
 * @param bytes the size of the fits' own arrays that were alive at once at most: sums, factors, activations and hidden states, but
 *     neither the model's weights nor what measuring a fitted model takes
 */
public record FitCost(Duration time, int solutions, long tokens, long bytes) {
    /** The cost of no fit. */
    public static final FitCost NONE = new FitCost(Duration.ZERO, 0, 0, 0);

    /** Checks that nothing is null. */
    public FitCost {
        requireNonNull(time, "time");
    }

    /**
     * Adds fits that were made before or after these.
     *
     * @param other their cost
     * @return the sum of times and solutions, and the larger numbers of tokens and bytes
     */
    public FitCost plus(FitCost other) {
        return new FitCost(
                time.plus(other.time),
                solutions + other.solutions,
                Math.max(tokens, other.tokens),
                Math.max(bytes, other.bytes));
    }
}
