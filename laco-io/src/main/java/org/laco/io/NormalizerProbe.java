package org.laco.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Asks the library itself what a normalizer leaves of a text, so that the answer is right for every kind: of a tokenizer that has this
 * normalizer, and makes one token of all that is left.
 */
final class NormalizerProbe implements AutoCloseable {
    private static final String TOKENIZER =
            "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],"
                    + "\"normalizer\":%s,\"pre_tokenizer\":%s,\"post_processor\":null,\"decoder\":null,"
                    + "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"?\":0},\"unk_token\":\"?\"}}";

    private final String tokenizer;
    private HfTokenizer opened;

    private NormalizerProbe(String normalizer, String preTokenizer) {
        this.tokenizer = TOKENIZER.formatted(normalizer, preTokenizer);
    }

    /** Takes everything that is left. */
    static NormalizerProbe ofTexts(String normalizer) {
        return new NormalizerProbe(normalizer, "null");
    }

    /** Takes what is left but white space. */
    static NormalizerProbe ofWords(String normalizer) {
        return new NormalizerProbe(normalizer, "{\"type\":\"WhitespaceSplit\"}");
    }

    /**
     * Returns whether nothing is left of a text, or the normalizer fails at it, which ends the process where it is an added token.
     *
     * @throws RuntimeException if the library refuses the normalizer
     */
    boolean leavesNothing(String text) throws IOException {
        if (opened == null) {
            opened = HfTokenizer.of(tokenizer.getBytes(StandardCharsets.UTF_8), List.of(), "");
        }
        try {
            return opened.encodeWithoutSpecialTokens(text).length == 0;
        } catch (RuntimeException e) {
            return true;
        }
    }

    @Override
    public void close() {
        if (opened != null) {
            opened.close();
        }
    }
}
