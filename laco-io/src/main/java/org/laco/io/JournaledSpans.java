package org.laco.io;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.Consumer;
import org.laco.evaluate.FittedSpans;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;

/** Fits spans only once a score is asked for that a journal doesn't know. */
final class JournaledSpans implements FittedSpans {
    private final FittedSpans fitting;
    private final JournaledEvaluator evaluator;

    JournaledSpans(FittedSpans fitting, JournaledEvaluator evaluator) {
        this.fitting = fitting;
        this.evaluator = evaluator;
    }

    @Override
    public Group fit(int layer, List<CollapsePlan> plans, List<Integer> merged) {
        Supplier<Group> group = Suppliers.memoize(() -> fitting.fit(layer, plans, merged));
        return new Group() {
            @Override
            public ImmutableList<Score> screen(List<CollapsePlan> some) {
                return evaluator.answer("fitted", some, unknown -> group.get().screen(unknown));
            }

            @Override
            public ImmutableList<CollapsePlan> fitted(List<CollapsePlan> some) {
                return group.get().fitted(some);
            }
        };
    }

    @Override
    public void screenEach(List<Start> starts, Consumer<ImmutableList<Score>> each) {
        evaluator.answerEach(
                "fitted",
                starts.stream().map(Start::plans).toList(),
                // The journal knew of the first ones.
                (unknown, measured) ->
                        fitting.screenEach(starts.subList(starts.size() - unknown.size(), starts.size()), measured),
                each);
    }

    @Override
    public void close() {
        fitting.close();
    }
}
