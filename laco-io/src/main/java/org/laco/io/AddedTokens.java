package org.laco.io;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.util.Optional;

/**
 * Looks for added tokens at which the library divides a text where it has no character's end, or backwards, and so ends the process.
 *
 * <p>The library looks for tokens' contents in texts, and for normalized contents in normalized texts. One of which the normalizer leaves
 * nothing it finds between any two characters, and also within characters of several bytes. One that is white space and takes the white
 * space before it as well it finds within what a token that takes the white space after it has taken already.
 */
final class AddedTokens {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();
    private static final int SHOWN = 20;
    private static final String NO_NORMALIZER = "null";

    private final ImmutableList<Token> tokens;
    private final String normalizer;

    private AddedTokens(ImmutableList<Token> tokens, String normalizer) {
        this.tokens = tokens;
        this.normalizer = normalizer;
    }

    /**
     * What a file says of an added token.
     *
     * @param index its place in the list
     * @param content what is looked for
     * @param normalized whether it is normalized before
     * @param stripsLeft whether it takes white space before it
     * @param stripsRight whether it takes white space after it
     */
    private record Token(int index, String content, boolean normalized, boolean stripsLeft, boolean stripsRight) {}

    /**
     * Reads the added tokens of a file. The library leaves out those that are empty from the start.
     *
     * @param content the content of a {@code tokenizer.json}
     * @param range where the added tokens are
     * @param normalizer the normalizer as JSON, which was looked at before; empty if there is none
     */
    static AddedTokens of(byte[] content, JsonScan.Range range, Optional<String> normalizer) throws IOException {
        ImmutableList.Builder<Token> tokens = ImmutableList.builder();
        try (JsonParser parser = MAPPER.createParser(content, range.start(), range.end() - range.start())) {
            if (parser.nextToken() == JsonToken.START_ARRAY) {
                for (int index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
                    JsonNode node = MAPPER.readTree(parser);
                    String text = node.path("content").asText();
                    if (!text.isEmpty()) {
                        tokens.add(new Token(
                                index,
                                text,
                                node.path("normalized").asBoolean(),
                                node.path("lstrip").asBoolean(),
                                node.path("rstrip").asBoolean()));
                    }
                }
            }
        }
        return new AddedTokens(tokens.build(), normalizer.orElse(NO_NORMALIZER));
    }

    /** Returns what is wrong with one of them, as the rest of a sentence on {@code added_tokens}. */
    Optional<String> objection() throws IOException {
        Optional<String> erased = erased();
        return erased.isPresent() ? erased : backwards();
    }

    private Optional<String> erased() throws IOException {
        if (normalizer.equals(NO_NORMALIZER)) {
            return Optional.empty();
        }
        try (NormalizerProbe probe = NormalizerProbe.ofTexts(normalizer)) {
            for (Token token : tokens) {
                if (token.normalized && probe.leavesNothing(token.content)) {
                    return of(
                            token,
                            "of which the normalizer leaves nothing, so that it would be found between any two characters: set its "
                                    + "\"normalized\" to false, or remove it");
                }
            }
        }
        return Optional.empty();
    }

    private Optional<String> backwards() throws IOException {
        ImmutableSet<Boolean> taking = tokens.stream()
                .filter(Token::stripsRight)
                .map(Token::normalized)
                .collect(ImmutableSet.toImmutableSet());
        try (NormalizerProbe normalized = NormalizerProbe.ofWords(normalizer);
                NormalizerProbe plain = NormalizerProbe.ofWords(NO_NORMALIZER)) {
            for (Token token : tokens) {
                if (token.stripsLeft
                        && !token.stripsRight
                        && taking.contains(token.normalized)
                        && (token.normalized ? normalized : plain).leavesNothing(token.content)) {
                    return of(
                            token,
                            "white space that takes what is before it, which a token that takes what is after it may have taken "
                                    + "already: set its \"lstrip\" to false, or remove it");
                }
            }
        }
        return Optional.empty();
    }

    /** What is left of nothing often can't be seen either. */
    private static Optional<String> of(Token token, String problem) throws IOException {
        String shown = token.content.length() <= SHOWN
                ? token.content
                : token.content.substring(
                                0, token.content.offsetByCodePoints(0, token.content.codePointCount(0, SHOWN)))
                        + "…";
        return Optional.of(
                "[%d] has the content %s, %s".formatted(token.index, MAPPER.writeValueAsString(shown), problem));
    }
}
