package org.laco.spark;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.laco.evaluate.FittedSpans;
import org.laco.fit.Fit;
import org.laco.fit.FitCost;
import org.laco.fit.FitListener;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;

/**
 * Spans that executors fit and score, a layer a task. The weights of those that are wanted are fitted here: of the many that are compared
 * no weight travels.
 */
final class RemoteSpans implements FittedSpans {
    private final RemoteEvaluator evaluator;
    private final Executors executors;
    private final Fit fit;
    private final int most;
    /** What isn't used until weights are wanted. */
    private final FittedSpans local;

    private final FitListener listener;
    private final Stopwatch watch = Stopwatch.createStarted();
    /** The lowest layer, with which fits begin on every machine; and the number of what executors were sent of them. */
    private OptionalInt low = OptionalInt.empty();

    private OptionalInt task = OptionalInt.empty();
    private FitCost cost = FitCost.NONE;
    private boolean localBegun;

    RemoteSpans(
            RemoteEvaluator evaluator,
            Executors executors,
            Fit fit,
            int most,
            FittedSpans local,
            FitListener listener) {
        this.evaluator = evaluator;
        this.executors = executors;
        this.fit = fit;
        this.most = most;
        this.local = local;
        this.listener = listener;
    }

    @Override
    public Group fit(int layer, List<CollapsePlan> plans, List<Integer> merged) {
        begin(layer);
        return new Group() {
            @Override
            public ImmutableList<Score> screen(List<CollapsePlan> some) {
                ImmutableList.Builder<Score> scores = ImmutableList.builder();
                ask(ImmutableList.of(question(layer, plans, merged, some)), scores::addAll);
                return scores.build();
            }

            @Override
            public ImmutableList<CollapsePlan> fitted(List<CollapsePlan> some) {
                if (!localBegun) {
                    local.fit(low.orElseThrow(), List.of(), List.of());
                    localBegun = true;
                }
                return local.fit(layer, plans, merged).fitted(some);
            }
        };
    }

    @Override
    public void screenEach(List<Start> starts, Consumer<ImmutableList<Score>> each) {
        if (!starts.isEmpty()) {
            begin(starts.get(0).layer());
        }
        ask(
                starts.stream()
                        .map(start -> question(start.layer(), start.plans(), start.merged(), start.plans()))
                        .toList(),
                each);
    }

    private void begin(int layer) {
        if (low.isEmpty()) {
            low = OptionalInt.of(layer);
        }
    }

    private Question question(int layer, List<CollapsePlan> plans, List<Integer> merged, List<CollapsePlan> wanted) {
        if (task.isEmpty()) {
            task = OptionalInt.of(executors.send(new SpanTask(fit, most, low.orElseThrow()).encode()));
        }
        return evaluator.question(
                plans,
                new Question.Start(
                        layer,
                        ImmutableList.copyOf(merged),
                        wanted.stream().map(plans::indexOf).collect(ImmutableList.toImmutableList()),
                        task.getAsInt()));
    }

    private void ask(List<Question> questions, Consumer<ImmutableList<Score>> each) {
        evaluator.askAll(questions, answer -> {
            answer.cost().ifPresent(fits -> cost = cost.plus(fits));
            each.accept(answer.scores());
        });
    }

    @Override
    public FitCost cost() {
        FitCost all = cost.plus(local.cost());
        return new FitCost(watch.elapsed(), all.solutions(), all.tokens(), all.bytes());
    }

    @Override
    public void close() {
        listener.fitsEnded(cost());
        local.close();
    }
}
