package org.laco.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads and writes JSON files whole, keeping the order of keys and the digits of numbers. */
final class Json {
    private final JsonMapper mapper = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();

    /** Reads a file that holds one object. */
    ObjectNode readObject(Path file) throws IOException {
        JsonNode node;
        try {
            node = mapper.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is missing", e);
        } catch (JsonProcessingException e) {
            throw new IOException(file + ": not valid JSON, " + where(e), e);
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
            throw new IOException("not valid JSON, " + e.getOriginalMessage(), e);
        }
    }

    /** Encodes an object with indents and a line end, the same way every time. */
    byte[] encode(JsonNode node) throws IOException {
        return (mapper.writeValueAsString(node).replace("\r\n", "\n") + "\n").getBytes(StandardCharsets.UTF_8);
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

    private static String where(JsonProcessingException e) {
        String place = e.getLocation() == null
                ? ""
                : "line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ": ";
        return place + e.getOriginalMessage();
    }
}
