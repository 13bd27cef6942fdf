package org.laco.model.block;

import com.google.common.collect.ImmutableList;

/** Attention with linear biases instead of positions (Press, Smith and Lewis, arXiv 2108.12409). */
public final class Alibi {
    private Alibi() {}

    /**
     * Returns the slope of each head: {@code 2^(−8(i+1)/n)} for n heads, n a power of two. For other numbers, the slopes of the next
     * lower power of two are followed by every second one of the next higher.
     *
     * @param heads the number of heads
     * @return the slopes
     */
    public static ImmutableList<Double> slopes(int heads) {
        int power = Integer.highestOneBit(heads);
        ImmutableList.Builder<Double> slopes = ImmutableList.builder();
        for (int i = 1; i <= power; i++) {
            slopes.add(Math.pow(2, -8.0 * i / power));
        }
        for (int i = 0; i < heads - power; i++) {
            slopes.add(Math.pow(2, -8.0 * (2 * i + 1) / (2 * power)));
        }
        return slopes.build();
    }
}
