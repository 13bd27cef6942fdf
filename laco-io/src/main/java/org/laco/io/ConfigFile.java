package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.laco.model.config.ModelConfig;

/** A checkpoint's {@code config.json}, which is written back as it was read except for what a collapse changes. */
final class ConfigFile {
    static final String NAME = "config.json";

    private final Json json = new Json();
    private final ObjectNode content;
    private final ModelConfig config;

    private ConfigFile(ObjectNode content) {
        this.content = content;
        this.config = ModelConfig.of(asMap(content));
    }

    static ConfigFile read(Path file) throws IOException {
        return new ConfigFile(new Json().readObject(file));
    }

    /** The file of a configuration that was read from none. */
    static ConfigFile of(ModelConfig config) {
        Json json = new Json();
        ObjectNode content = json.object();
        config.values().forEach((key, value) -> content.set(key, json.toNode(value)));
        return new ConfigFile(content);
    }

    private Map<String, Object> asMap(ObjectNode node) {
        Map<String, Object> values = new LinkedHashMap<>();
        ((Map<?, ?>) json.convert(node, Map.class)).forEach((key, value) -> values.put(String.valueOf(key), value));
        return values;
    }

    ModelConfig config() {
        return config;
    }

    /** Encodes the file with the values that differ from those read, in the order of the original. */
    byte[] encode(ModelConfig changed) throws IOException {
        ObjectNode node = content.deepCopy();
        changed.values().forEach((key, value) -> {
            if (!Objects.equals(value, config.values().get(key))) {
                JsonNode replacement = json.toNode(value);
                node.set(key, replacement);
            }
        });
        return json.encodeWithNonFinite(node);
    }
}
