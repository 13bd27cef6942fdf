package org.laco.io.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.google.common.base.Utf8;
import java.io.IOException;

/**
 * How JSON is read and written: names are not interned, since they come from anyone, and may be as long as a header; characters
 * are escaped as the reference implementation escapes them.
 */
final class StrictJson {
    static final JsonFactory FACTORY = ((JsonFactoryBuilder) JsonFactory.builder())
            .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNameLength(HeaderReader.MAX_LENGTH)
                    .maxStringLength(HeaderReader.MAX_LENGTH)
                    .build())
            .build();

    /** Reads {@code NaN} and infinities too, as Python's json module does. */
    static final JsonFactory LENIENT_NUMBERS = ((JsonFactoryBuilder) FACTORY.rebuild())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private StrictJson() {}

    /** Returns whether a text can be encoded: JSON's escapes can spell half of a surrogate pair. */
    static boolean isUnicode(String text) {
        try {
            Utf8.encodedLength(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns where parsing failed, as a number of characters. */
    static long position(JsonParser parser, JsonProcessingException e) {
        JsonLocation location = e.getLocation() == null ? parser.currentLocation() : e.getLocation();
        return location.getCharOffset();
    }

    /** Names the current value in an error message. */
    static String shown(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> "'" + parser.getText() + "'";
            default -> parser.getText();
        };
    }
}
