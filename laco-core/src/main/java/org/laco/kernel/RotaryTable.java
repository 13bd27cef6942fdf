package org.laco.kernel;

import static com.google.common.base.Preconditions.checkArgument;

import org.laco.base.Internal;

/**
 * The angles of rotary position embedding for every row of a batch.
 *
 * @param cosines the cosines {@code [rows, pairs]}, row-major, scaled if the variant scales them
 * @param sines the sines of the same shape
 * @param pairs the number of pairs that are rotated in each head, half the rotary width
 * @param interleaved whether elements 2i and 2i + 1 are a pair, else i and i + pairs
 */
@SuppressWarnings("ArrayRecordComponent")
@Internal
public record RotaryTable(float[] cosines, float[] sines, int pairs, boolean interleaved) {
    /** Checks that the tables fit one another. */
    public RotaryTable {
        checkArgument(
                cosines.length == sines.length && cosines.length % pairs == 0,
                "%s cosines and %s sines for %s pairs",
                cosines.length,
                sines.length,
                pairs);
    }

    /**
     * Returns the number of rows.
     *
     * @return the batch's rows
     */
    public int rows() {
        return cosines.length / pairs;
    }

    /** The angles turned back: a rotation's transpose, scaled as the rotation is. */
    RotaryTable inverse() {
        float[] negated = new float[sines.length];
        for (int i = 0; i < negated.length; i++) {
            negated[i] = -sines[i];
        }
        return new RotaryTable(cosines, negated, pairs, interleaved);
    }
}
