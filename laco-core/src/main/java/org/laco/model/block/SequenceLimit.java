package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * How long a sequence may be for what is defined to be what the model computes.
 *
 * @param tokens the number of tokens
 * @param reason why not longer, as it ends a sentence, such as {@code beyond which its indexer chooses what is attended to}
 */
public record SequenceLimit(int tokens, String reason) {
    /** Checks that there is room for a token. */
    public SequenceLimit {
        checkArgument(tokens > 0, "a sequence of at most %s tokens has none", tokens);
        requireNonNull(reason, "reason");
    }
}
