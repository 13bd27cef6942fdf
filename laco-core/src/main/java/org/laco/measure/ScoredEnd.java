package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The tokens of a sequence whose probability is asked for: those from a position on.
 *
 * @param tokens the whole sequence
 * @param from the first position that is scored
 */
@SuppressWarnings("ArrayRecordComponent")
record ScoredEnd(int[] tokens, int from) {
    static ImmutableList<ScoredEnd> of(List<int[]> sequences, IntUnaryOperator from) {
        return IntStream.range(0, sequences.size())
                .mapToObj(i -> of(i, sequences.get(i), from.applyAsInt(i)))
                .collect(ImmutableList.toImmutableList());
    }

    private static ScoredEnd of(int number, int[] tokens, int from) {
        checkArgument(
                from >= 1 && from <= tokens.length,
                "sequence %s: tokens are scored from position %s, expected 1 to %s",
                number,
                from,
                tokens.length);
        return new ScoredEnd(tokens, from);
    }

    /** Returns how many tokens are scored. */
    int length() {
        return tokens.length - from;
    }

    /** Returns one of the scored tokens. */
    int token(int index) {
        return tokens[from + index];
    }
}
