package org.laco.io;

import com.google.common.primitives.Ints;

/** Turns text into a model's token ids and back. Implementations are safe for use by several threads. */
public interface Tokenizer {
    /**
     * Encodes a text with the special tokens that the tokenizer puts around it.
     *
     * @param text the text
     * @return the token ids
     */
    int[] encode(String text);

    /**
     * Encodes a text as it stands inside another, without special tokens.
     *
     * @param text the text
     * @return the token ids
     */
    int[] encodeWithoutSpecialTokens(String text);

    /**
     * Decodes token ids, leaving special tokens out.
     *
     * @param ids the token ids
     * @return the text
     */
    String decode(int... ids);

    /**
     * Decodes what follows a prompt, together with it, since many tokenizers treat the start of a text in a way of its own.
     *
     * @param prompt the token ids of the prompt
     * @param added the token ids after them
     * @return the text of these
     */
    default String continuation(int[] prompt, int[] added) {
        String begun = decode(prompt);
        String whole = decode(Ints.concat(prompt, added));
        return whole.startsWith(begun) ? whole.substring(begun.length()) : whole;
    }
}
