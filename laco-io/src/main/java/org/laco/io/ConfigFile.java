package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.laco.io.file.SmallFile;
import org.laco.model.config.ModelConfig;

/** A checkpoint's {@code config.json}, which is written back as it was read except for what a collapse changes. */
final class ConfigFile {
    static final String NAME = "config.json";

    /** Far more than the longest list of labels or of rules for quantisation takes. */
    private static final int MAX_BYTES = 16_000_000;

    private final Json json = new Json();
    private final ObjectNode content;
    private final Optional<String> sha256;
    private final ModelConfig config;

    private ConfigFile(ObjectNode content, Optional<String> sha256) {
        this.content = content;
        this.sha256 = sha256;
        this.config = ModelConfig.of(asMap(content));
    }

    static ConfigFile read(Path file) throws IOException {
        SmallFile read = SmallFile.read(file, MAX_BYTES);
        return new ConfigFile(new Json().object(read, file), Optional.of(read.sha256()));
    }

    /** The file of a configuration that was read from none. */
    static ConfigFile of(ModelConfig config) {
        Json json = new Json();
        ObjectNode content = json.object();
        config.values().forEach((key, value) -> content.set(key, json.toNode(value)));
        return new ConfigFile(content, Optional.empty());
    }

    private Map<String, Object> asMap(ObjectNode node) {
        Map<String, Object> values = new LinkedHashMap<>();
        ((Map<?, ?>) json.convert(node, Map.class)).forEach((key, value) -> values.put(String.valueOf(key), value));
        return values;
    }

    ModelConfig config() {
        return config;
    }

    /** The hash of what was read, if there was a file. */
    Optional<String> sha256() {
        return sha256;
    }

    /** Encodes the file with the values that differ from those read and without those that are gone, in the order of the original. */
    byte[] encode(ModelConfig changed) throws IOException {
        ObjectNode node = content.deepCopy();
        put(node, changed.values(), config.values());
        return json.encodeWithNonFinite(node);
    }

    /** Changes what differs and removes what is gone, within an object too, of which the rest is left as it was written. */
    private void put(ObjectNode node, Map<?, ?> changed, Map<?, ?> before) {
        before.keySet().stream()
                .filter(key -> !changed.containsKey(key))
                .map(String::valueOf)
                .forEach(node::remove);
        changed.forEach((name, value) -> {
            String key = String.valueOf(name);
            Object old = before.get(key);
            if (Objects.equals(value, old)) {
                return;
            }
            if (value instanceof Map<?, ?> inner
                    && old instanceof Map<?, ?> oldInner
                    && node.get(key) instanceof ObjectNode object) {
                put(object, inner, oldInner);
            } else {
                JsonNode replacement = json.toNode(value);
                node.set(key, replacement);
            }
        });
    }
}
