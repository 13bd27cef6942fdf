package org.laco.model;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How long the sequences are that a model is made for.
 *
 * @param count the number of positions
 * @param learned whether each position has a vector of its own, so that there is none beyond; otherwise a longer sequence can be
 *     computed, but is longer than those of the training
 */
public record Positions(int count, boolean learned) {
    /**
     * Refuses a sequence that is longer than the positions that were learned.
     *
     * @param length the number of its tokens
     * @param what names the sequence, such as {@code sequence 3}
     * @throws IllegalArgumentException if it is too long; the message says how long it may be
     */
    public void requireRoom(long length, String what) {
        checkArgument(
                !learned || length <= count,
                "%s has %s tokens, but the model takes at most %s, as many positions as it has learned",
                what,
                length,
                count);
    }
}
