package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A learning rate that rises linearly and then falls along a cosine (Loshchilov and Hutter, arXiv 1608.03983, without restarts).
 *
 * <pre>{@code
 * LearningRate rate = LearningRate.of(5e-4);
 * rate.at(0, 80);     // 1.25e-4: the first of four steps of warm-up
 * rate.at(79, 80);    // about 2.5e-5
 * }</pre>
 *
 * @param peak the rate after the warm-up, above 0
 * @param warmup the share of the steps in which the rate rises, from 0 to 1
 * @param floor the rate at the end as a share of the peak, from 0 to 1; 1 keeps it constant
 */
public record LearningRate(double peak, double warmup, double floor) {
    /** Checks the ranges. */
    public LearningRate {
        checkArgument(peak > 0 && Double.isFinite(peak), "a learning rate of %s is not above 0", peak);
        checkArgument(warmup >= 0 && warmup <= 1, "the warm-up takes %s of the steps, expected 0 to 1", warmup);
        checkArgument(floor >= 0 && floor <= 1, "the rate falls to %s of its peak, expected 0 to 1", floor);
    }

    /**
     * Rises in the first 5 % of the steps and falls to 5 % of the peak.
     *
     * @param peak the rate after the warm-up
     * @return the schedule
     */
    public static LearningRate of(double peak) {
        return new LearningRate(peak, 0.05, 0.05);
    }

    /**
     * Returns the rate of a step.
     *
     * @param step the step, from 0
     * @param steps the number of all steps
     * @return the rate
     */
    public double at(long step, long steps) {
        long rising = Math.round(warmup * steps);
        if (step < rising) {
            return peak * (step + 1) / rising;
        }
        double done = (double) (step - rising) / Math.max(1, steps - rising);
        return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * done)));
    }
}
