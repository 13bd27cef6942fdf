package org.laco.io;

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
}
