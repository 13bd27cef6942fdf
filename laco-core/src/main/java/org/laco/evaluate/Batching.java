package org.laco.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalInt;
import org.laco.stack.Calibration;

/**
 * How many candidates it pays to score together. It changes time and memory, never a decision.
 *
 * @param size the most candidates of a batch, at least 1
 * @param free the number of candidates that are computed in the time that reading the weights takes, where reading takes longer than
 *     computing; empty where computing does
 */
public record Batching(int size, OptionalInt free) {
    /** Rows beyond which a matrix product gains nothing from more of them. */
    private static final int ENOUGH_ROWS = 2048;

    /** Rows whose products take about as long as reading the weights, so that leaving some of them unused costs little. */
    private static final int FREE_ROWS = 256;

    /** Checks that a batch holds a candidate. */
    public Batching {
        checkArgument(size >= 1, "a batch holds at least one candidate, not %s", size);
    }

    /**
     * Scores at most so many candidates together, computing what is likely to be needed.
     *
     * @param size the most candidates of a batch, at least 1
     * @return the batching
     */
    public static Batching of(int size) {
        return new Batching(size, OptionalInt.empty());
    }

    /**
     * Scores as many candidates together as make matrix products efficient.
     *
     * @param calibration the sequences of each candidate
     * @return the batching
     */
    public static Batching efficient(Calibration calibration) {
        return of(Math.max(1, ENOUGH_ROWS / calibration.layout().rows()));
    }

    /**
     * Scores candidates of a model whose weights take longer to read than to compute with, so that one pass over them serves as many
     * as there is memory for.
     *
     * @param size the most candidates of a batch, at least 1
     * @param calibration the sequences of each candidate
     * @return the batching
     */
    public static Batching ofWholePasses(int size, Calibration calibration) {
        return new Batching(
                size,
                OptionalInt.of(Math.max(1, FREE_ROWS / calibration.layout().rows())));
    }

    /**
     * Returns the batching of candidates that are compared on a part of the sequences, as many rows together as here.
     *
     * @param whole the sequences of each candidate here
     * @param part the part of them
     * @return the batching
     */
    public Batching ofPart(Calibration whole, Calibration part) {
        return of(size * whole.layout().rows() / part.layout().rows());
    }

    /**
     * Returns how many candidates to score in the next batch.
     *
     * @param likely how many of them are likely to be needed
     * @return at least 1 if any is needed. Where reading takes longer, as many as are free, and as many as a batch holds once more than
     *     those are likely to be needed
     */
    public int ahead(int likely) {
        return free.isEmpty()
                ? Math.min(likely, size)
                : likely > free.getAsInt() ? size : Math.min(free.getAsInt(), size);
    }

    /**
     * Returns into how large parts a long list of plans may be divided without a score changing by it.
     *
     * @return how many plans are screened in one go, at least 1
     */
    public int together() {
        return Math.max(size, LocalEvaluator.COMPARED_TOGETHER);
    }
}
