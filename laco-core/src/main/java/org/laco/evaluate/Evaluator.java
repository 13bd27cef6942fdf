package org.laco.evaluate;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.Consumer;
import org.laco.fit.Fit;
import org.laco.fit.FitRows;
import org.laco.measure.Metric;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

/**
 * Scores plans for one original model on one calibration by one metric.
 *
 * <p>Plans are screened many at a time, which is fast and off by at most {@link #tolerance}, and confirmed one by one, which is exact. A
 * search decides by a screened score where it is farther from the decision than the tolerance, and confirms it otherwise:
 *
 * <pre>{@code
 * ImmutableList<Score> first = evaluator.screen(plans);
 * Score exact = evaluator.confirm(plans.get(0));    // |exact − first.get(0)| ≤ evaluator.tolerance()
 * }</pre>
 *
 * <p>An instance belongs to one thread at a time.
 */
public interface Evaluator extends AutoCloseable {
    /**
     * Returns what plans are scored by.
     *
     * @return the metric
     */
    Metric metric();

    /**
     * Scores a plan by itself in float32, whatever else is scored.
     *
     * @param plan a plan for the original model
     * @return its score
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    Score confirm(CollapsePlan plan);

    /**
     * Scores plans together, so that layers that they share are read once.
     *
     * @param plans plans for the original model
     * @return their scores in the same order, each with the precision in which it was computed
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    ImmutableList<Score> screen(List<CollapsePlan> plans);

    /**
     * Scores several lists of plans, each as {@link #screen} scores it by itself, so that the scores of one list don't depend on the
     * others. An evaluator that computes elsewhere scores lists at the same time; the default scores one after another.
     *
     * @param lists the lists
     * @param each receives the scores of each list on this thread, in the order of the lists, as soon as they are there
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    default void screenEach(List<? extends List<CollapsePlan>> lists, Consumer<ImmutableList<Score>> each) {
        lists.forEach(list -> each.accept(screen(list)));
    }

    /**
     * Returns by how much a screened score may differ from the confirmed one.
     *
     * @return the largest difference, 0 if screening is exact
     */
    double tolerance();

    /**
     * Returns how many plans it pays to screen together.
     *
     * @return the batching
     */
    Batching batching();

    /**
     * Announces that the plans to come share their lower layers with a given one, so that they can be scored from where they part from
     * it. No score changes by it. The default does nothing.
     *
     * @param plan a plan for the original model
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    default void rebase(CollapsePlan plan) {}

    /**
     * Returns an evaluator of the same plans that compares them on a part of what this one does, so that most of them can be left aside
     * in less time. Its scores order plans nearly as this one's do; what is decided by more than that is scored by this one. The default
     * returns this evaluator.
     *
     * @param sample the part
     * @return the evaluator, which is closed with this one and not by the caller
     */
    default Evaluator sampled(Sample sample) {
        return this;
    }

    /**
     * Scores spans of layers that are merged alone, each fitted before it is scored.
     *
     * @param fit how they are fitted; of several ridges the middle one is used
     * @param most the most layers that are merged into one
     * @return the scorer, which the caller closes before this evaluator
     */
    FittedSpans fittedSpans(Fit fit, int most);

    /**
     * Prepares the rows that a plan is fitted to. An evaluator that computes elsewhere lets the others compute them; the default computes
     * them in this process.
     *
     * @param stack the original model
     * @param sequences the sequences to fit to
     * @param fit how to fit
     * @return the rows, which the caller closes before this evaluator
     */
    default FitRows fitRows(LayerStack stack, Calibration sequences, Fit fit) {
        return FitRows.local(stack, sequences, fit);
    }

    /** Frees what was kept to score plans. */
    @Override
    void close();
}
