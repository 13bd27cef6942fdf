package org.laco.evaluate;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.laco.fit.Fit;
import org.laco.fit.FitRows;
import org.laco.measure.Metric;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

/**
 * A wrapper that scores as the evaluator that it wraps; a subclass overrides what it changes.
 *
 * <pre>{@code
 * final class CountingEvaluator extends ForwardingEvaluator {
 *     private int scored;
 *
 *     CountingEvaluator(Evaluator counted) {
 *         super(counted);
 *     }
 *
 *     public Score confirm(CollapsePlan plan) {
 *         scored++;
 *         return super.confirm(plan);
 *     }
 * }
 * }</pre>
 *
 * <p>{@link #sampled} is not forwarded, since its answer would leave the wrapper out: it returns this evaluator. Neither is {@link
 * #screenEach}, which would leave out what a subclass does in {@link #screen}: a wrapper of an evaluator that scores lists at the same
 * time overrides both.
 */
public abstract class ForwardingEvaluator implements Evaluator {
    private final Evaluator delegate;

    /**
     * Wraps an evaluator.
     *
     * @param delegate the evaluator, which is closed with this one
     */
    protected ForwardingEvaluator(Evaluator delegate) {
        this.delegate = requireNonNull(delegate, "delegate");
    }

    /**
     * Returns the evaluator that is wrapped.
     *
     * @return the evaluator
     */
    protected final Evaluator delegate() {
        return delegate;
    }

    @Override
    public Metric metric() {
        return delegate.metric();
    }

    @Override
    public Score confirm(CollapsePlan plan) {
        return delegate.confirm(plan);
    }

    @Override
    public ImmutableList<Score> screen(List<CollapsePlan> plans) {
        return delegate.screen(plans);
    }

    @Override
    public double tolerance() {
        return delegate.tolerance();
    }

    @Override
    public Batching batching() {
        return delegate.batching();
    }

    @Override
    public void rebase(CollapsePlan plan) {
        delegate.rebase(plan);
    }

    @Override
    public FittedSpans fittedSpans(Fit fit, int most) {
        return delegate.fittedSpans(fit, most);
    }

    @Override
    public FitRows fitRows(LayerStack stack, Calibration sequences, Fit fit) {
        return delegate.fitRows(stack, sequences, fit);
    }

    @Override
    public void close() {
        delegate.close();
    }
}
