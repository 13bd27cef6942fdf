package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How much of a generated text says again what it said before: of all runs of n tokens in it, those that start at neighbouring positions
 * overlapping, the share that an earlier one equals. It is seq-rep-n of Welleck and others, Neural Text Generation with Unlikelihood Training
 * (<a href="https://arxiv.org/abs/1908.04319">arXiv 1908.04319</a>): 1 − distinct n-grams / n-grams. The prompt is no part of the text.
 *
 * <pre>{@code
 * Repetition.of(ImmutableIntArray.of(1, 2, 3, 4, 1, 2, 3, 4), 4).share();   // 5 runs, 4 of them distinct: 0.2
 * }</pre>
 *
 * @param grams the number of runs, the text's length − n + 1; 0 for a shorter text
 * @param distinct how many of them differ
 */
public record Repetition(int grams, int distinct) {
    /**
     * Counts the runs of a text.
     *
     * @param tokens the generated token ids
     * @param n the length of a run, at least 1; 4 is usual
     * @return the repetition
     * @throws IllegalArgumentException if n is less than 1
     */
    public static Repetition of(ImmutableIntArray tokens, int n) {
        checkArgument(n >= 1, "a run has %s tokens, expected at least 1", n);
        int grams = Math.max(0, tokens.length() - n + 1);
        Set<ImmutableIntArray> distinct = new HashSet<>();
        IntStream.range(0, grams).forEach(from -> distinct.add(tokens.subArray(from, from + n)));
        return new Repetition(grams, distinct.size());
    }

    /**
     * Returns the share of runs that are repeated.
     *
     * @return from 0, where all differ, to below 1; NaN for a text shorter than a run
     */
    public double share() {
        return grams == 0 ? Double.NaN : 1 - (double) distinct / grams;
    }
}
