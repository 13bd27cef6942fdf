package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;

/** Checks of what goes into a measurement and of what comes out of it. */
final class TokenSequences {
    private TokenSequences() {}

    /** Refuses sequences that a model can't be run on. */
    static Calibration check(LanguageStack model, List<int[]> sequences) {
        checkArgument(!sequences.isEmpty(), "there is nothing to measure on: expected at least one sequence");
        int vocabulary = model.vocabulary();
        int longest = model.longestSequence().orElse(Integer.MAX_VALUE);
        for (int i = 0; i < sequences.size(); i++) {
            int[] ids = sequences.get(i);
            checkArgument(ids.length > 0, "sequence %s is empty", i);
            checkArgument(
                    ids.length <= longest,
                    "sequence %s has %s tokens, but the model takes at most %s",
                    i,
                    ids.length,
                    longest);
            for (int at = 0; at < ids.length; at++) {
                checkArgument(
                        ids[at] >= 0 && ids[at] < vocabulary,
                        "sequence %s, position %s: token id %s is not in the vocabulary of %s",
                        i,
                        at,
                        ids[at],
                        vocabulary);
            }
        }
        return Calibration.ofTokens(sequences);
    }

    /** Refuses a result of a model that computes NaN, so that no mean hides it. */
    static void requireNumber(double value, String what, SequenceBatch batch, int row) {
        if (Double.isNaN(value)) {
            throw new ArithmeticException(batch.describe(row) + ": the " + what
                    + " of the next token is not a number, since the model's logits are not finite");
        }
    }
}
