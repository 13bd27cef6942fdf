package org.laco.spark;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.laco.evaluate.Batching;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.EvaluatorSettings;
import org.laco.evaluate.FittedSpans;
import org.laco.evaluate.PassListener;
import org.laco.evaluate.Sample;
import org.laco.fit.Fit;
import org.laco.fit.FitListener;
import org.laco.fit.FitRows;
import org.laco.measure.Metric;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

/** Divides what is to be scored into tasks as one machine divides it into what it computes together, so that no score is another one. */
final class RemoteEvaluator implements Evaluator {
    private final Executors executors;
    private final SentPlans sent;
    private final Calibration calibration;

    private final EvaluatorSettings settings;
    private final PassListener passes;
    private final FitListener fits;
    private final Optional<Sample> sample;
    private final Batching batching;
    private Optional<CollapsePlan> base = Optional.empty();

    RemoteEvaluator(
            Executors executors,
            Calibration calibration,
            EvaluatorSettings settings,
            PassListener passes,
            FitListener fits) {
        this.executors = executors;
        this.sent = new SentPlans(executors::send);
        this.calibration = calibration;
        this.settings = settings;
        this.passes = passes;
        this.fits = fits;
        this.sample = Optional.empty();
        this.batching = settings.batching();
    }

    private RemoteEvaluator(RemoteEvaluator whole, Sample sample) {
        this.executors = whole.executors;
        this.sent = whole.sent;
        this.calibration = whole.calibration;
        this.settings = whole.settings;
        this.passes = whole.passes;
        this.fits = whole.fits;
        this.sample = Optional.of(sample);
        this.batching = whole.batching.ofPart(whole.calibration, whole.calibration.first(sample.rows()));
        this.base = whole.base;
    }

    @Override
    public Metric metric() {
        return settings.metric();
    }

    @Override
    public Score confirm(CollapsePlan plan) {
        ImmutableList.Builder<Score> scores = ImmutableList.builder();
        ask(ImmutableList.of(question(Question.Kind.CONFIRM, ImmutableList.of(plan))), scores::addAll);
        return scores.build().get(0);
    }

    @Override
    public ImmutableList<Score> screen(List<CollapsePlan> plans) {
        ImmutableList.Builder<Score> scores = ImmutableList.builder();
        screenEach(Lists.partition(plans, batching.together()), scores::addAll);
        return scores.build();
    }

    @Override
    public void screenEach(List<? extends List<CollapsePlan>> lists, Consumer<ImmutableList<Score>> each) {
        ask(lists.stream().map(list -> question(Question.Kind.SCREEN, list)).toList(), each);
    }

    private Question question(Question.Kind kind, List<CollapsePlan> plans) {
        return Question.ofPlans(kind, base, sample, plans, sent);
    }

    /** Asks something of fitted spans. */
    Executors.Asked question(Question.Kind kind, List<CollapsePlan> plans, Question.Start spans) {
        return new Executors.Asked(
                Question.ofSpans(kind, base, sample, plans, spans, sent),
                Optional.of("spans at layer " + spans.layer()));
    }

    private void ask(List<Question> questions, Consumer<ImmutableList<Score>> each) {
        askAll(questions.stream().map(Executors.Asked::anywhere).toList(), answer -> each.accept(answer.scores()));
    }

    /** Asks questions, and tells the listener what the executors did as if it had been done here. */
    void askAll(List<Executors.Asked> questions, Consumer<Answer> each) {
        executors.ask(questions, answer -> {
            answer.passes().forEach(pass -> {
                if (pass.bytes() > 0) {
                    passes.layerRead(pass.bytes());
                } else {
                    passes.layerRun(pass.layer(), pass.candidates());
                }
            });
            each.accept(answer);
        });
    }

    @Override
    public double tolerance() {
        return settings.tolerance();
    }

    @Override
    public Batching batching() {
        return batching;
    }

    @Override
    public void rebase(CollapsePlan plan) {
        // Each executor does so before its next task.
        base = Optional.of(plan);
    }

    @Override
    public Evaluator sampled(Sample part) {
        return metric().step() > 0 ? this : new RemoteEvaluator(this, part);
    }

    @Override
    public FittedSpans fittedSpans(Fit fit, int most) {
        return new RemoteSpans(this, executors, fit, most, fits);
    }

    @Override
    public FitRows fitRows(LayerStack model, Calibration sequences, Fit fit) {
        return FitRows.divided(model, sequences, fit, new RemoteRows(executors, sent, sequences, fit));
    }

    @Override
    public void close() {
        executors.close();
    }
}
