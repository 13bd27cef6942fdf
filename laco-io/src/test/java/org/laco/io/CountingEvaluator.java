package org.laco.io;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.EvaluatorFactory;
import org.laco.evaluate.FittedSpans;
import org.laco.evaluate.ForwardingEvaluator;
import org.laco.evaluate.LocalEvaluator;
import org.laco.evaluate.Sample;
import org.laco.fit.Fit;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;

/** Counts the plans that are measured, and fails instead of measuring more than so many. */
final class CountingEvaluator extends ForwardingEvaluator {
    private final Count count;

    private CountingEvaluator(Evaluator evaluator, Count count) {
        super(evaluator);
        this.count = count;
    }

    /** What the process would end by. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** How many plans were measured, and how many may be. */
    static final class Count {
        private final int most;
        private int measured;
        private int fits;

        Count(int most) {
            this.most = most;
        }

        static Count unlimited() {
            return new Count(Integer.MAX_VALUE);
        }

        int measured() {
            return measured;
        }

        int fits() {
            return fits;
        }

        EvaluatorFactory evaluator() {
            return (model, calibration, how, passes, listener) ->
                    new CountingEvaluator(LocalEvaluator.of(model, calibration, how, passes, listener), this);
        }

        private void add(int plans) {
            if (measured + plans > most) {
                throw new Killed();
            }
            measured += plans;
        }
    }

    @Override
    public Score confirm(CollapsePlan plan) {
        count.add(1);
        return super.confirm(plan);
    }

    @Override
    public ImmutableList<Score> screen(List<CollapsePlan> plans) {
        count.add(plans.size());
        return super.screen(plans);
    }

    @Override
    public Evaluator sampled(Sample sample) {
        return new CountingEvaluator(delegate().sampled(sample), count);
    }

    @Override
    public FittedSpans fittedSpans(Fit fit, int most) {
        FittedSpans spans = super.fittedSpans(fit, most);
        return new FittedSpans() {
            @Override
            public Group fit(int layer, List<CollapsePlan> plans, List<Integer> merged) {
                count.fits += plans.size();
                Group group = spans.fit(layer, plans, merged);
                return new Group() {
                    @Override
                    public ImmutableList<Score> screen(List<CollapsePlan> some) {
                        count.add(some.size());
                        return group.screen(some);
                    }

                    @Override
                    public ImmutableList<CollapsePlan> fitted(List<CollapsePlan> some) {
                        return group.fitted(some);
                    }
                };
            }

            @Override
            public void close() {
                spans.close();
            }
        };
    }
}
