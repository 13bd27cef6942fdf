package org.laco.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.laco.io.file.SmallFile;

/**
 * Reads and writes JSON files whole, keeping the order of keys and the digits of numbers.
 *
 * <p>{@code NaN}, {@code Infinity} and {@code -Infinity} are read as Python's json module reads them, which writes them too. A key that is
 * there twice is refused, since nobody can tell which value was meant.
 */
final class Json {
    private static final Pattern TWICE = Pattern.compile("Duplicate field '(.*)'", Pattern.DOTALL);

    /** What the parser's messages say of its options and of what it is used by. */
    private static final Pattern OPTION =
            Pattern.compile("(?s)[:;,]?\\s*(\\()?(enable|not allowed when|for `|maybe a|JSON String, Number).*");

    /** A record holds every candidate that a search has measured, and the ids of the calibration. */
    private static final int MAX_BYTES = 64_000_000;

    private final JsonMapper mapper = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();

    /** Reads a file that a user named, a plan or a record, which holds one object. */
    ObjectNode readObject(Path file) throws IOException {
        return object(SmallFile.readGiven(file, MAX_BYTES), file);
    }

    /** Parses a file that holds one object. */
    ObjectNode object(SmallFile read, Path file) throws IOException {
        JsonNode node;
        try {
            // Decoded as UTF-8, whatever other encoding a parser would guess.
            node = mapper.readTree(read.text());
        } catch (JsonProcessingException e) {
            throw new IOException(file + ": not valid JSON, " + place(e) + reason(e), e);
        }
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new IOException(file + ": expected a JSON object");
    }

    /** Parses one line of a JSON lines file. */
    JsonNode readLine(String line) throws IOException {
        try {
            return mapper.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IOException("not valid JSON, " + reason(e), e);
        }
    }

    /** Encodes an object with indents and a line end, the same way every time. */
    byte[] encode(JsonNode node) throws IOException {
        return encode(mapper.writer(), node);
    }

    /** Encodes an object likewise, with {@code NaN} and infinities as {@link #readObject} reads them. */
    byte[] encodeWithNonFinite(JsonNode node) throws IOException {
        return encode(mapper.writer().without(JsonWriteFeature.WRITE_NAN_AS_STRINGS), node);
    }

    private static byte[] encode(ObjectWriter writer, JsonNode node) throws IOException {
        return (writer.writeValueAsString(node).replace("\r\n", "\n") + "\n").getBytes(StandardCharsets.UTF_8);
    }

    ObjectNode object() {
        return mapper.createObjectNode();
    }

    <T> T convert(JsonNode node, Class<T> type) {
        return mapper.convertValue(node, type);
    }

    JsonNode toNode(Object value) {
        return mapper.valueToTree(value);
    }

    private static String place(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : "line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ": ";
    }

    /** Says what is wrong in words for whoever wrote the file, without the options of the parser that its messages name. */
    private static String reason(JsonProcessingException e) {
        String message = String.valueOf(e.getOriginalMessage());
        Matcher twice = TWICE.matcher(message);
        if (twice.lookingAt()) {
            return "key " + twice.group(1) + " is there twice";
        }
        if (e instanceof JsonEOFException) {
            return "it ends too early";
        }
        if (e instanceof StreamConstraintsException) {
            return "a name, a number or a nesting is larger than makes sense";
        }
        if (e instanceof MismatchedInputException) {
            return "it goes on after its end";
        }
        Matcher option = OPTION.matcher(message);
        return option.find() ? message.substring(0, option.start()) : message;
    }
}
