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
 * @param sinks one score a head that joins its softmax without a value (Xiao et al., arXiv 2309.17453), or none
 */
@Internal
public record AttentionSpec(
        int heads,
        int keyValueHeads,
        int headSize,
        double scale,
        OptionalDouble softCap,
        OptionalInt window,
        ImmutableList<Double> slopes,
        ImmutableList<Float> sinks) {
    /** Checks that the heads fit one another. */
    public AttentionSpec {
        checkArgument(
                heads > 0 && keyValueHeads > 0 && heads % keyValueHeads == 0,
                "%s query heads can't share %s key and value heads",
                heads,
                keyValueHeads);
        checkArgument(headSize > 0, "head size %s is not positive", headSize);
        checkArgument(slopes.isEmpty() || slopes.size() == heads, "%s ALiBi slopes for %s heads", slopes.size(), heads);
        checkArgument(sinks.isEmpty() || sinks.size() == heads, "%s sinks for %s heads", sinks.size(), heads);
    }

    /**
     * Describes attention without sinks.
     *
     * @param heads the number of query heads
     * @param keyValueHeads the number of key and value heads, a divisor of {@code heads}
     * @param headSize the width of a head
     * @param scale the factor of the scores
     * @param softCap scores become cap · tanh(score / cap), if there is one
     * @param window a query sees itself and the window − 1 positions before it, if there is one
     * @param slopes one ALiBi slope a head, or none
     */
    public AttentionSpec(
            int heads,
            int keyValueHeads,
            int headSize,
            double scale,
            OptionalDouble softCap,
            OptionalInt window,
            ImmutableList<Double> slopes) {
        this(heads, keyValueHeads, headSize, scale, softCap, window, slopes, ImmutableList.of());
    }

    /**
     * Returns this attention with sinks.
     *
     * @param scores one score a head
     * @return the attention
     */
    public AttentionSpec withSinks(Iterable<Float> scores) {
        return new AttentionSpec(
                heads, keyValueHeads, headSize, scale, softCap, window, slopes, ImmutableList.copyOf(scores));
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
