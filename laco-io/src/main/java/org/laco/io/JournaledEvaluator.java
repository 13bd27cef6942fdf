package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.FittedSpans;
import org.laco.evaluate.ForwardingEvaluator;
import org.laco.evaluate.Sample;
import org.laco.fit.Fit;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;

/** Answers from a journal what it knows, and keeps there what another evaluator measures. */
final class JournaledEvaluator extends ForwardingEvaluator {
    private final JournalScores journal;
    /** What the kinds of questions begin with: nothing, or what tells those of a sample from others. */
    private final String prefix;
    /** The last plan that the measuring evaluator wasn't told of yet, since that takes a pass over its layers. */
    private Optional<CollapsePlan> base = Optional.empty();

    JournaledEvaluator(Evaluator measuring, JournalScores journal) {
        this(measuring, journal, "");
    }

    private JournaledEvaluator(Evaluator measuring, JournalScores journal, String prefix) {
        super(measuring);
        this.journal = journal;
        this.prefix = prefix;
    }

    @Override
    public Score confirm(CollapsePlan plan) {
        return answer(
                        "confirm",
                        ImmutableList.of(plan),
                        one -> ImmutableList.of(delegate().confirm(plan)))
                .get(0);
    }

    @Override
    public ImmutableList<Score> screen(List<CollapsePlan> plans) {
        // In parts, each of which is kept before the next is measured.
        return Lists.partition(plans, batching().together()).stream()
                .flatMap(some -> answer("screen", some, delegate()::screen).stream())
                .collect(ImmutableList.toImmutableList());
    }

    /** Returns what the journal says, or else measures and keeps it. */
    ImmutableList<Score> answer(
            String kind, List<CollapsePlan> plans, Function<List<CollapsePlan>, ImmutableList<Score>> measure) {
        JournalQuestion question = JournalQuestion.of(prefix + kind, plans);
        Optional<ImmutableList<Score>> known = journal.next(question);
        if (known.isPresent()) {
            return known.get();
        }
        base.ifPresent(delegate()::rebase);
        base = Optional.empty();
        ImmutableList<Score> scores = measure.apply(plans);
        journal.add(question, scores);
        return scores;
    }

    @Override
    public void rebase(CollapsePlan plan) {
        base = Optional.of(plan);
    }

    @Override
    public Evaluator sampled(Sample sample) {
        return new JournaledEvaluator(
                delegate().sampled(sample),
                journal,
                "sample of %d rows, %d tokens: ".formatted(sample.rows(), sample.tokens()));
    }

    @Override
    public FittedSpans fittedSpans(Fit fit, int most) {
        return new JournaledSpans(delegate().fittedSpans(fit, most), this);
    }

    @Override
    public void close() {
        // The measuring evaluator is its owner's.
    }
}
