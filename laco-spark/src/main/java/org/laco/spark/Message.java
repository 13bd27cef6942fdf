package org.laco.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What driver and executors tell one another, as JSON: a text arrives whatever serializer Spark was given. */
final class Message {
    private Message() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static JsonNode read(String message) {
        try {
            return new ObjectMapper().readTree(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("laco on the driver and on an executor don't understand one another", e);
        }
    }
}
