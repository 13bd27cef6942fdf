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
 * Spans that executors fit and score, a layer a task. Of the many that are compared no weight travels; those that are wanted come from the
 * executor that has fitted them, unless it has let them go and they are fitted again.
 */
final class RemoteSpans implements FittedSpans {
    private final RemoteEvaluator evaluator;
    private final Executors executors;
    private final Fit fit;
    private final int most;
    private final FitListener listener;
    private final Stopwatch watch = Stopwatch.createStarted();
    /** The number of what executors were sent of the fits. */
    private OptionalInt task = OptionalInt.empty();

    private FitCost cost = FitCost.NONE;

    RemoteSpans(RemoteEvaluator evaluator, Executors executors, Fit fit, int most, FitListener listener) {
        this.evaluator = evaluator;
        this.executors = executors;
        this.fit = fit;
        this.most = most;
        this.listener = listener;
    }

    @Override
    public Group fit(int layer, List<CollapsePlan> plans, List<Integer> merged) {
        return new Group() {
            @Override
            public ImmutableList<Score> screen(List<CollapsePlan> some) {
                ImmutableList.Builder<Score> scores = ImmutableList.builder();
                ask(
                        ImmutableList.of(question(Question.Kind.FIT, layer, plans, merged, some)),
                        answer -> scores.addAll(answer.scores()));
                return scores.build();
            }

            @Override
            public ImmutableList<CollapsePlan> fitted(List<CollapsePlan> some) {
                // One by one: an answer has no room for several weights of a large model.
                ImmutableList.Builder<CollapsePlan> fitted = ImmutableList.builder();
                ask(
                        some.stream()
                                .map(plan ->
                                        question(Question.Kind.FITTED, layer, plans, merged, ImmutableList.of(plan)))
                                .toList(),
                        answer -> {
                            ReceivedPlans received = new ReceivedPlans(answer.weights()::get);
                            answer.plans().forEach(plan -> fitted.add(received.decode(plan)));
                        });
                return fitted.build();
            }
        };
    }

    @Override
    public void screenEach(List<Start> starts, Consumer<ImmutableList<Score>> each) {
        ask(
                starts.stream()
                        .map(start -> question(
                                Question.Kind.FIT, start.layer(), start.plans(), start.merged(), start.plans()))
                        .toList(),
                answer -> each.accept(answer.scores()));
    }

    private Executors.Asked question(
            Question.Kind kind, int layer, List<CollapsePlan> plans, List<Integer> merged, List<CollapsePlan> wanted) {
        if (task.isEmpty()) {
            task = OptionalInt.of(executors.send(new SpanTask(fit, most).encode()));
        }
        return evaluator.question(
                kind,
                plans,
                new Question.Start(
                        layer,
                        ImmutableList.copyOf(merged),
                        wanted.stream().map(plans::indexOf).collect(ImmutableList.toImmutableList()),
                        task.getAsInt()));
    }

    private void ask(List<Executors.Asked> questions, Consumer<Answer> each) {
        evaluator.askAll(questions, answer -> {
            answer.cost().ifPresent(fits -> cost = cost.plus(fits));
            each.accept(answer);
        });
    }

    @Override
    public FitCost cost() {
        return new FitCost(watch.elapsed(), cost.solutions(), cost.tokens(), cost.bytes());
    }

    @Override
    public void close() {
        listener.fitsEnded(cost());
    }
}
