package org.laco.stack;

import java.util.Optional;
import org.laco.tensor.Precision;

/** How a stack computes. */
public interface Arithmetic {
    /**
     * Returns whether the stack divides a batch among threads of its own, so that ND4J's threads would only be in their way.
     *
     * @return whether it does
     */
    boolean hasOwnThreads();

    /**
     * Returns the stack computed in some precision.
     *
     * @param precision the precision
     * @return a stack of the same weights, empty if it can't be computed in that precision here
     */
    Optional<? extends LayerStack> in(Precision precision);

    /**
     * Asks a stack how it computes.
     *
     * @param stack the stack
     * @return the stack itself, or the answer of one that computes in float32 by ND4J's threads
     */
    static Arithmetic of(LayerStack stack) {
        return stack instanceof Arithmetic arithmetic ? arithmetic : new PlainArithmetic(stack);
    }
}
