package org.laco.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.Consumer;
import org.laco.fit.Fit;
import org.laco.fit.FitCost;
import org.laco.fit.FitListener;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

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

    /**
     * Fits and scores the spans that start at each of several layers, those of one layer together and by themselves. An implementation
     * that computes elsewhere takes several layers at the same time; the default takes one after another.
     *
     * @param starts the layers with their spans, from the lowest up, the first not below that of the last call of {@link #fit}
     * @param each receives the scores of each layer's spans after the fit on this thread, in the order of the layers, as soon as they are
     *     there
     * @throws UnsupportedOperationException if a layer can't be fitted; the message says why
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    default void screenEach(List<Start> starts, Consumer<ImmutableList<Score>> each) {
        starts.forEach(start ->
                each.accept(fit(start.layer(), start.plans(), start.merged()).screen(start.plans())));
    }

    /**
     * Returns what the fits have cost until now.
     *
     * @return the cost, by default that of no fit
     */
    default FitCost cost() {
        return FitCost.NONE;
    }

    /**
     * Fits spans in this process.
     *
     * @param stack the original model
     * @param calibration the sequences to fit to unless the fit has its own
     * @param fit how spans are fitted; of several ridges the middle one is used
     * @param most the most layers that are merged into one
     * @param evaluator what scores fitted spans
     * @param listener receives what the fits cost
     * @return the scorer, which the caller closes before the evaluator
     */
    static FittedSpans local(
            LayerStack stack, Calibration calibration, Fit fit, int most, Evaluator evaluator, FitListener listener) {
        return new LocalFittedSpans(stack, calibration, fit, most, evaluator, listener, new KeptFits(0));
    }

    /** Says what the fits cost, and frees what was kept for them. */
    @Override
    void close();

    /**
     * The spans that start at one layer.
     *
     * @param layer the layer
     * @param plans for each span a plan that merges it alone
     * @param merged for each span the number of layers merged into the lowest
     */
    record Start(int layer, ImmutableList<CollapsePlan> plans, ImmutableList<Integer> merged) {
        /** Checks that each span has both. */
        public Start {
            checkArgument(
                    plans.size() == merged.size(),
                    "the spans at layer %s have %s plans and %s lengths",
                    layer,
                    plans.size(),
                    merged.size());
        }
    }

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
