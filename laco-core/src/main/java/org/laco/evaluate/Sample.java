package org.laco.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The part of what plans are scored on that is enough to leave most of them aside: some sequences, and of next-token distributions the
 * tokens that the original finds likely.
 *
 * @param rows how many rows of the calibration are used at most, those of its first sequences; the first sequence is always used
 * @param tokens how many of each row's likeliest tokens are told apart at least, where a metric compares tokens
 */
public record Sample(int rows, int tokens) {
    /** Checks that there is something to compare. */
    public Sample {
        checkArgument(rows >= 1, "a sample has at least one row, not %s", rows);
        checkArgument(tokens >= 2, "a sample tells at least two tokens of each row apart, not %s", tokens);
    }
}
