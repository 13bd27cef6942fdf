package org.laco.model;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How long the sequences are that a model is made for.
 *
 * @param count the number of positions
 * @param learned whether there is none beyond, as where each position has a vector of its own; otherwise a longer sequence can be computed, but
 *     is longer than those of the training
 * @param reason why there is none beyond, as it ends a sentence
 */
public record Positions(int count, boolean learned, String reason) {
    /**
     * Counts positions that were learned, or trained with.
     *
     * @param count the number of positions
     * @param learned whether each position has a vector of its own
     */
    public Positions(int count, boolean learned) {
        this(count, learned, "as many positions as it has learned");
    }

    /**
     * Refuses a sequence of more positions than there are.
     *
     * @param length the number of its tokens
     * @param what names the sequence, such as {@code sequence 3}
     * @throws IllegalArgumentException if it is too long; the message says how long it may be
     */
    public void requireRoom(long length, String what) {
        checkArgument(
                !learned || length <= count,
                "%s has %s tokens, but the model takes at most %s, %s",
                what,
                length,
                count,
                reason);
    }
}
