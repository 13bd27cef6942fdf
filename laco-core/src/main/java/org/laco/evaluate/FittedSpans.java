package org.laco.evaluate;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;

/** Scores spans of layers of the original that are merged alone and then fitted, from the bottom up. */
public interface FittedSpans extends AutoCloseable {
    /**
     * Fits all spans that start at one layer, which share the sums over its activations.
     *
     * @param layer the layer, not below that of the last call
     * @param plans for each span a plan that merges it alone
     * @param merged for each span the number of layers merged into the lowest
     * @return the spans, to be scored as far as they are wanted
     * @throws UnsupportedOperationException if the layer can't be fitted; the message says why
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    Group fit(int layer, List<CollapsePlan> plans, List<Integer> merged);

    /** Says what the fits cost, and frees what was kept for them. */
    @Override
    void close();

    /** Fitted spans that start at one layer. */
    interface Group {
        /**
         * Scores some of the spans.
         *
         * @param plans plans among those that were fitted, as they were before
         * @return their scores after the fit, in the same order
         * @throws java.util.concurrent.CancellationException if the thread is interrupted
         */
        ImmutableList<Score> screen(List<CollapsePlan> plans);

        /**
         * Returns some of the spans with their fitted weights.
         *
         * @param plans plans among those that were fitted, as they were before
         * @return the plans after the fit, in the same order; as they were where the fit doesn't lower the layer's own error
         * @throws java.util.concurrent.CancellationException if the thread is interrupted
         */
        ImmutableList<CollapsePlan> fitted(List<CollapsePlan> plans);
    }
}
