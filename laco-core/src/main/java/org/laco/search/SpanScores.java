package org.laco.search;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;

/**
 * Scores single spans of the original model, those that start at one layer from the shortest up. What starts at different layers has
 * nothing to do with one another, and may be scored at the same time.
 */
final class SpanScores {
    /** How many lengths are scored before it is asked whether longer spans are hopeless. */
    private static final int AT_A_TIME = 3;

    private final CandidateScores scores;

    SpanScores(CandidateScores scores) {
        this.scores = scores;
    }

    /**
     * The spans that start at one layer.
     *
     * @param plans for each span a plan that merges it alone
     * @param lengths for each span the number of layers merged into the lowest, never falling
     */
    record Start(List<CollapsePlan> plans, List<Integer> lengths) {}

    /**
     * Scores spans. At each layer it stops when the longest of a few is hopeless, since longer ones lose more.
     *
     * @param starts the spans by the layer at which they start
     * @param hopeless tells of a score that neither it nor what loses more is wanted
     * @return for each layer the scores of its first spans
     */
    ImmutableList<ImmutableList<Score>> measure(List<Start> starts, Predicate<Score> hopeless) {
        List<Progress> all = starts.stream().map(Progress::new).toList();
        List<Progress> open = open(all, hopeless);
        while (!open.isEmpty()) {
            ImmutableList<ImmutableList<Score>> next =
                    scores.ofEach(open.stream().map(Progress::next).toList());
            for (int i = 0; i < next.size(); i++) {
                open.get(i).measured.addAll(next.get(i));
            }
            open = open(open, hopeless);
        }
        return all.stream().map(one -> ImmutableList.copyOf(one.measured)).collect(ImmutableList.toImmutableList());
    }

    private static List<Progress> open(List<Progress> some, Predicate<Score> hopeless) {
        return some.stream().filter(one -> !one.isDone(hopeless)).toList();
    }

    /** How far the spans that start at one layer are scored. */
    private static final class Progress {
        private final Start start;
        private final List<Score> measured = new ArrayList<>();

        private Progress(Start start) {
            this.start = start;
        }

        /** The shortest spans that aren't scored yet. */
        List<CollapsePlan> next() {
            int longest = start.lengths.get(measured.size()) + AT_A_TIME - 1;
            int end = (int)
                    start.lengths.stream().filter(length -> length <= longest).count();
            return start.plans.subList(measured.size(), end);
        }

        boolean isDone(Predicate<Score> hopeless) {
            if (measured.size() == start.plans.size()) {
                return true;
            }
            if (measured.isEmpty()) {
                return false;
            }
            int last = start.lengths.get(measured.size() - 1);
            return IntStream.range(0, measured.size())
                    .filter(i -> start.lengths.get(i) == last)
                    .mapToObj(measured::get)
                    .allMatch(hopeless);
        }
    }
}
