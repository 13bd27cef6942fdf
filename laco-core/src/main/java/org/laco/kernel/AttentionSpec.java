package org.laco.kernel;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.laco.base.Internal;

/**
 * What causal attention computes from queries, keys and values.
 *
 * @param heads the number of query heads
 * @param keyValueHeads the number of key and value heads, a divisor of {@code heads}; head h reads key head h / (heads /
 *     keyValueHeads)
 * @param headSize the width of a head
 * @param scale the factor of the scores, mostly 1/√headSize
 * @param softCap scores become cap · tanh(score / cap), if there is one
 * @param window a query sees itself and the window − 1 positions before it, if there is one
 * @param slopes one ALiBi slope a head, added to the scores times the key's distance, or none
 */
@Internal
public record AttentionSpec(
        int heads,
        int keyValueHeads,
        int headSize,
        double scale,
        OptionalDouble softCap,
        OptionalInt window,
        ImmutableList<Double> slopes) {
    /** Checks that the heads fit one another. */
    public AttentionSpec {
        checkArgument(
                heads > 0 && keyValueHeads > 0 && heads % keyValueHeads == 0,
                "%s query heads can't share %s key and value heads",
                heads,
                keyValueHeads);
        checkArgument(headSize > 0, "head size %s is not positive", headSize);
        checkArgument(slopes.isEmpty() || slopes.size() == heads, "%s ALiBi slopes for %s heads", slopes.size(), heads);
    }

    /** The width of a row of queries. */
    int queryWidth() {
        return heads * headSize;
    }

    /** The width of a row of keys or values. */
    int keyWidth() {
        return keyValueHeads * headSize;
    }

    /**
     * Returns the number of query heads that share a key head.
     *
     * @return heads / keyValueHeads
     */
    public int group() {
        return heads / keyValueHeads;
    }
}
