package org.laco.search;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;

/** Scores single spans of the original model that start at one layer, from the shortest up. */
final class SpanScores {
    /** How many lengths are scored before it is asked whether longer spans are hopeless. */
    private static final int AT_A_TIME = 3;

    private final CandidateScores scores;

    SpanScores(CandidateScores scores) {
        this.scores = scores;
    }

    /**
     * Scores spans. It stops when the longest of a few is hopeless, since longer ones lose more.
     *
     * @param plans for each span a plan that merges it alone
     * @param lengths for each span the number of layers merged into the lowest, never falling
     * @param hopeless tells of a score that neither it nor what loses more is wanted
     * @return the scores of the first spans
     */
    ImmutableList<Score> measure(List<CollapsePlan> plans, List<Integer> lengths, Predicate<Score> hopeless) {
        List<Score> measured = new ArrayList<>();
        while (measured.size() < plans.size()) {
            int longest = lengths.get(measured.size()) + AT_A_TIME - 1;
            int end = (int) lengths.stream().filter(length -> length <= longest).count();
            measured.addAll(scores.of(plans.subList(measured.size(), end)));
            int last = lengths.get(end - 1);
            if (IntStream.range(0, end)
                    .filter(i -> lengths.get(i) == last)
                    .mapToObj(measured::get)
                    .allMatch(hopeless)) {
                break;
            }
        }
        return ImmutableList.copyOf(measured);
    }
}
