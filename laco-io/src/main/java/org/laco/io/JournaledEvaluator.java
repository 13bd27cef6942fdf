package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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
        ImmutableList.Builder<Score> scores = ImmutableList.builder();
        // In parts, each of which is kept before the next is measured.
        screenEach(Lists.partition(plans, batching().together()), scores::addAll);
        return scores.build();
    }

    @Override
    public void screenEach(List<? extends List<CollapsePlan>> lists, Consumer<ImmutableList<Score>> each) {
        answerEach("screen", lists, delegate()::screenEach, each);
    }

    /** Measures lists of plans, and hands on the scores of each. */
    interface Measure {
        void each(List<? extends List<CollapsePlan>> lists, Consumer<ImmutableList<Score>> each);
    }

    /** Returns what the journal says, or else measures and keeps it. */
    ImmutableList<Score> answer(
            String kind, List<CollapsePlan> plans, Function<List<CollapsePlan>, ImmutableList<Score>> measure) {
        ImmutableList.Builder<Score> scores = ImmutableList.builder();
        answerEach(
                kind,
                ImmutableList.of(plans),
                (lists, each) -> lists.forEach(list -> each.accept(measure.apply(list))),
                scores::addAll);
        return scores.build();
    }

    /** Hands on what the journal says of the first lists, and measures and keeps the others, each when all before it are kept. */
    void answerEach(
            String kind,
            List<? extends List<CollapsePlan>> lists,
            Measure measure,
            Consumer<ImmutableList<Score>> each) {
        for (int i = 0; i < lists.size(); i++) {
            Optional<ImmutableList<Score>> known = journal.next(JournalQuestion.of(prefix + kind, lists.get(i)));
            if (known.isEmpty()) {
                List<? extends List<CollapsePlan>> unknown = lists.subList(i, lists.size());
                base.ifPresent(delegate()::rebase);
                base = Optional.empty();
                Iterator<? extends List<CollapsePlan>> next = unknown.iterator();
                measure.each(unknown, scores -> {
                    journal.add(JournalQuestion.of(prefix + kind, next.next()), scores);
                    each.accept(scores);
                });
                return;
            }
            each.accept(known.get());
        }
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
