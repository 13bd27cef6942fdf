package org.laco.fit;

import java.util.function.IntFunction;
import org.laco.base.Internal;

/**
 * How a matrix is estimated that maps the hidden states before a gap to those after it. A pre-norm model has no place for such a matrix on
 * its residual stream, so what it gives is a measuring stick for what can be written, and no output.
 */
@Internal
public enum Patch {
    /**
     * A scale for each channel of the rotated hidden states (LinearPatch, <a href="https://arxiv.org/abs/2505.24680">arXiv 2505.24680</a>), as its
     * authors' code estimates it. Where the width is no power of two their Hadamard matrix is one of a table, and the rotation differs.
     */
    LINEAR_PATCH("linearpatch", ChannelScales::new, false),
    /** Least squares without a constraint (Ghosted Layers, <a href="https://arxiv.org/abs/2605.15491">arXiv 2605.15491</a>). */
    GHOSTED("ghosted", LeastSquares::new, true);

    private final String label;
    private final IntFunction<PatchSums> sums;
    private final boolean solves;

    Patch(String label, IntFunction<PatchSums> sums, boolean solves) {
        this.label = label;
        this.sums = sums;
        this.solves = solves;
    }

    /**
     * Returns the name that a sweep gives it.
     *
     * @return such as {@code linearpatch}
     */
    public String label() {
        return label;
    }

    /** Returns how many tokens a matrix of a width needs at least. */
    int leastTokens(int width) {
        return solves ? width : 1;
    }

    PatchSums sums(int width) {
        return sums.apply(width);
    }
}
