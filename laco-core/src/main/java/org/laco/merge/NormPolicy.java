package org.laco.merge;

/** Where the norms and biases of a merged layer come from. */
public enum NormPolicy {
    /** From the base layer l, as in the authors' code. The default. */
    FROM_BASE,
    /** From the last merged layer l + m. */
    FROM_LAST,
    /** Merged by the rule, like the linear weights. */
    MERGED
}
