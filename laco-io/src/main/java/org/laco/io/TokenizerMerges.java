package org.laco.io;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The merges of a tokenizer's model, where there is a prefix of continuing subwords: the library cuts as many bytes off a merge's second
 * part as the prefix has characters, and ends the process where there are fewer or a character would be cut.
 */
final class TokenizerMerges {
    private static final JsonMapper MAPPER = new JsonMapper();

    private TokenizerMerges() {}

    /** Returns what is wrong with the merges of a model, as the rest of a sentence on it. */
    static Optional<String> objection(byte[] content, JsonScan.Range model) throws IOException {
        try {
            return merges(content, model);
        } catch (JsonProcessingException e) {
            // The scan has let everything pass but names that are longer than any token.
            return Optional.of("has a name that is too long");
        }
    }

    private static Optional<String> merges(byte[] content, JsonScan.Range model) throws IOException {
        String prefix = "";
        try (JsonParser parser = find("continuing_subword_prefix", content, model)) {
            if (parser.currentToken() == JsonToken.VALUE_STRING) {
                prefix = parser.getText();
            }
        }
        int cut = prefix.codePointCount(0, prefix.length());
        if (cut == 0) {
            return Optional.empty();
        }
        try (JsonParser parser = find("merges", content, model)) {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                return Optional.empty();
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                String second = second(parser);
                if (!canBeCut(second.getBytes(StandardCharsets.UTF_8), cut)) {
                    return Optional.of("merges something with '" + second + "', which doesn't begin with the prefix '"
                            + prefix + "'");
                }
            }
            return Optional.empty();
        }
    }

    /** Returns a parser at the value of a key, or past the end. */
    private static JsonParser find(String key, byte[] content, JsonScan.Range model) throws IOException {
        JsonParser parser = MAPPER.createParser(content, model.start(), model.end() - model.start());
        if (parser.nextToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals(key)) {
                    return parser;
                }
                parser.skipChildren();
            }
        }
        return parser;
    }

    /** Returns the second part of a merge, which is {@code "a b"} or {@code ["a", "b"]}; the library refuses all others in words. */
    private static String second(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            String text = parser.getText();
            return text.substring(text.indexOf(' ') + 1);
        }
        String last = "";
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                last = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
                parser.skipChildren();
            }
        } else {
            parser.skipChildren();
        }
        return last;
    }

    private static boolean canBeCut(byte[] text, int at) {
        return at == text.length || at < text.length && (text[at] & 0xc0) != 0x80;
    }
}
