package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;

/**
 * The angular distance between what enters and what leaves each run of consecutive layers (Gromov et al., <a
 * href="https://arxiv.org/abs/2403.17887">arXiv 2403.17887</a>, Eq. 7):
 *
 * <pre>d(x, y) = arccos(x · y / (‖x‖ ‖y‖)) / π</pre>
 *
 * @param byStart for each first layer the distances of runs of length 1, 2, … up to the last layer; from 0, the same direction, to
 *     1, the opposite one; NaN if a hidden state is zero
 */
public record AngularDistances(ImmutableList<ImmutableList<Double>> byStart) {
    /**
     * Returns the distance over a run of layers.
     *
     * @param start the first layer, from 0
     * @param length the number of layers
     * @return the distance, from 0 to 1
     * @throws IllegalArgumentException if the model has no such run
     */
    public double get(int start, int length) {
        checkArgument(
                start >= 0 && length >= 1 && start + length <= byStart.size(),
                "there is no run of %s layers from layer %s in a model of %s",
                length,
                start,
                byStart.size());
        return byStart.get(start).get(length - 1);
    }

    /**
     * Finds the run that changes hidden states least, the one that this measure would drop.
     *
     * @param length the number of layers
     * @return the first layer of the run of the smallest distance
     * @throws IllegalArgumentException if the model has no run of that length
     */
    public int closestRun(int length) {
        int best = 0;
        for (int start = 0; start == 0 || start + length <= byStart.size(); start++) {
            if (get(start, length) < get(best, length)) {
                best = start;
            }
        }
        return best;
    }
}
