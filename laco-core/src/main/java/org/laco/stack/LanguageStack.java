package org.laco.stack;

import java.util.Optional;
import java.util.OptionalInt;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A stack that gives probabilities to next tokens. */
public interface LanguageStack extends LayerStack {
    /** What a stack says that has no vocabulary. */
    String NO_LANGUAGE_MODEL = "this stack is no language model: it gives no logits";

    /**
     * Returns the number of tokens that the model gives probabilities to.
     *
     * @return the size of the vocabulary; 0 for a wrapper of a stack that is no language model
     */
    int vocabulary();

    /**
     * Returns how many tokens a sequence may have. The default is as many as it likes.
     *
     * @return the most that the model can be run on, empty without a limit
     */
    default OptionalInt longestSequence() {
        return OptionalInt.empty();
    }

    /**
     * Computes the logits of the next token.
     *
     * @param output final hidden states, as {@link #finish} returns them, {@code [rows, width]}
     * @return the logits {@code [rows, vocabulary]}, a new array
     * @throws UnsupportedOperationException if this wraps a stack that is no language model
     */
    INDArray logits(INDArray output);

    /**
     * Computes the logits of the next token a part of the vocabulary at a time, so that they need not be held together. The default computes
     * all at once.
     *
     * @param output final hidden states, as {@link #finish} returns them, {@code [rows, width]}
     * @param part takes each part, in any order and perhaps several at the same time
     * @throws UnsupportedOperationException if this wraps a stack that is no language model
     */
    default void logits(INDArray output, LogitPart part) {
        try (INDArray all = logits(output)) {
            part.accept(0, all);
        }
    }

    /**
     * Computes the logits of some tokens. The default computes all and picks these.
     *
     * @param output final hidden states, as {@link #finish} returns them, {@code [rows, width]}
     * @param tokens the tokens, each below {@link #vocabulary}
     * @return the logits {@code [rows, tokens.length]} in the tokens' order, a new array
     * @throws UnsupportedOperationException if this wraps a stack that is no language model
     */
    default INDArray logits(INDArray output, int[] tokens) {
        try (INDArray all = logits(output)) {
            return Nd4j.pullRows(all, 0, tokens);
        }
    }

    /**
     * Says why there are no logits and what to do, for the message of {@link #require}.
     *
     * @return a sentence, which only a stack whose {@link #vocabulary} is 0 needs
     */
    default String whyNoLogits() {
        return NO_LANGUAGE_MODEL;
    }

    /**
     * Asks whether a stack is a language model.
     *
     * @param stack the stack
     * @return the stack itself, empty if it has no vocabulary
     */
    static Optional<LanguageStack> of(LayerStack stack) {
        return stack instanceof LanguageStack language && language.vocabulary() > 0
                ? Optional.of(language)
                : Optional.empty();
    }

    /**
     * Asks for a language model where nothing else will do.
     *
     * @param stack the stack
     * @return the stack itself
     * @throws UnsupportedOperationException if it has no vocabulary
     */
    static LanguageStack require(LayerStack stack) {
        return of(stack)
                .orElseThrow(() -> new UnsupportedOperationException(
                        stack instanceof LanguageStack language ? language.whyNoLogits() : NO_LANGUAGE_MODEL));
    }
}
