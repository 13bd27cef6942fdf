package org.laco.plan;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * Training on sequences.
 *
 * @param method what was trained toward, such as {@code distillation}
 * @param tokens the number of tokens trained on
 * @param lossBefore the loss on held-out sequences before the training
 * @param lossAfter the same after it
 */
public record Training(String method, long tokens, double lossBefore, double lossAfter) implements Provenance {
    /** Checks that the method has a name and the number of tokens is not negative. */
    public Training {
        requireNonNull(method, "method");
        checkArgument(tokens >= 0, "a training can't have %s tokens", tokens);
    }
}
