package org.laco.model.config;

import java.math.BigDecimal;

/**
 * The numbers that a key of a configuration may have; NaN and infinity are in no range.
 *
 * <pre>{@code
 * int heads = config.integer("num_attention_heads", Range.COUNT);
 * double share = config.number("partial_rotary_factor", Range.SHARE, 1);
 * }</pre>
 *
 * @param least the lower end
 * @param included whether the lower end is in the range
 * @param most the upper end, which is in the range; {@link Double#MAX_VALUE} for none
 */
public record Range(double least, boolean included, double most) {
    /** A number above 0, such as a factor. */
    public static final Range POSITIVE = above(0);

    /** A width or the size of a vocabulary: up to 2^28, so that a few of them add up within 31 bits. */
    public static final Range SIZE = between(1, 1 << 28);

    /** A number of parts of which each is an object or a row of its own, such as layers, heads and experts. */
    public static final Range COUNT = between(1, 1 << 14);

    /** A number of positions, such as a window. */
    public static final Range POSITIONS = between(1, Integer.MAX_VALUE);

    /** A factor of hidden states, scores or logits, far from where float32 ends. */
    public static final Range MULTIPLIER = new Range(0, false, 1e6);

    /** The ε of a norm. */
    public static final Range EPSILON = between(0, 1);

    /** A share of a whole. */
    public static final Range SHARE = new Range(0, false, 1);

    /**
     * Makes a range without an upper end.
     *
     * @param least the lower end, which is in it
     * @return the range
     */
    public static Range atLeast(double least) {
        return between(least, Double.MAX_VALUE);
    }

    /**
     * Makes a range without an upper end.
     *
     * @param bound the lower end, which is not in it
     * @return the range
     */
    public static Range above(double bound) {
        return new Range(bound, false, Double.MAX_VALUE);
    }

    /**
     * Makes a range of two ends.
     *
     * @param least the lower end, which is in it
     * @param most the upper end, which is in it
     * @return the range
     */
    public static Range between(double least, double most) {
        return new Range(least, true, most);
    }

    /**
     * Tells whether a number is in this range.
     *
     * @param value the number
     * @return false for NaN and infinity
     */
    public boolean contains(double value) {
        return value <= most && (included ? value >= least : value > least);
    }

    /** Describes the range as it follows what is expected, such as {@code from 1 to 16384}. */
    @Override
    public String toString() {
        boolean open = most == Double.MAX_VALUE;
        String from = (included ? "from " : "above ") + plain(least);
        return open ? from : from + (included ? " to " : " and up to ") + plain(most);
    }

    private static String plain(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
