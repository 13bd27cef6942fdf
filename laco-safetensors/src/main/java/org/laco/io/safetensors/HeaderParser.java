package org.laco.io.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableLongArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a header's JSON token by token, so that a name given twice is seen.
 *
 * <p>What the reference implementation reads is read, with few exceptions: it takes the last of two equal names, an empty name, and lists
 * in place of a tensor's object, of which nobody can tell whether they were meant.
 */
final class HeaderParser {
    static final String METADATA = "__metadata__";

    private final Path path;
    private final long dataStart;
    private final long dataLength;

    HeaderParser(Path path, long dataStart, long dataLength) {
        this.path = path;
        this.dataStart = dataStart;
        this.dataLength = dataLength;
    }

    SafetensorsHeader parse(String json) throws IOException {
        try (JsonParser parser = StrictJson.FACTORY.createParser(json)) {
            try {
                parser.nextToken();
                return header(parser);
            } catch (JsonProcessingException e) {
                long position = StrictJson.position(parser, e);
                throw SafetensorsException.in(
                                path,
                                "the header, bytes 8 to %d, is not valid JSON at character %d",
                                dataStart,
                                position)
                        .causedBy(e);
            }
        }
    }

    private SafetensorsHeader header(JsonParser parser) throws IOException {
        boolean hasMetadata = false;
        ImmutableMap<String, String> metadata = ImmutableMap.of();
        Map<String, TensorEntry> tensors = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = unicode(parser.currentName());
            parser.nextToken();
            if (name.equals(METADATA)) {
                if (hasMetadata) {
                    throw SafetensorsException.in(path, "the header has two entries named %s", METADATA);
                }
                hasMetadata = true;
                metadata = metadata(parser);
            } else if (name.isEmpty()) {
                throw SafetensorsException.in(path, "the header has a tensor with an empty name");
            } else if (tensors.putIfAbsent(name, tensor(name, parser)) != null) {
                throw SafetensorsException.in(path, "the header has two entries named '%s'", name);
            }
        }
        if (parser.nextToken() != null) {
            throw SafetensorsException.in(path, "the header goes on after its JSON object, expected only spaces there");
        }
        return new SafetensorsHeader(dataStart, metadata, DataOrder.check(path, tensors.values(), dataLength));
    }

    private ImmutableMap<String, String> metadata(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return ImmutableMap.of();
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw SafetensorsException.in(path, "%s is %s, expected an object of strings", METADATA, shown(parser));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = unicode(parser.currentName());
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw SafetensorsException.in(
                        path, "%s has %s under '%s', expected a string", METADATA, shown(parser), key);
            }
            if (metadata.putIfAbsent(key, unicode(parser.getText())) != null) {
                throw SafetensorsException.in(path, "%s has the key '%s' twice", METADATA, key);
            }
        }
        return ImmutableMap.copyOf(metadata);
    }

    private TensorEntry tensor(String name, JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw SafetensorsException.in(
                    path,
                    "tensor '%s' is %s, expected an object with dtype, shape and data_offsets",
                    name,
                    shown(parser));
        }
        Set<String> seen = new HashSet<>();
        Dtype dtype = null;
        ImmutableLongArray shape = null;
        ImmutableLongArray offsets = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            if (!seen.add(key)) {
                throw SafetensorsException.in(path, "tensor '%s' has the key '%s' twice", name, key);
            }
            parser.nextToken();
            switch (key) {
                case "dtype" -> dtype = dtype(name, parser);
                case "shape" -> shape = naturals(name, key, parser);
                case "data_offsets" -> offsets = naturals(name, key, parser);
                default -> parser.skipChildren();
            }
        }
        for (String key : List.of("dtype", "shape", "data_offsets")) {
            if (!seen.contains(key)) {
                throw SafetensorsException.in(path, "tensor '%s' has no %s", name, key);
            }
        }
        if (offsets.length() != 2) {
            throw SafetensorsException.in(
                    path, "tensor '%s' has the data_offsets %s, expected a begin and an end", name, offsets);
        }
        return new TensorEntry(name, dtype, shape, offsets.get(0), offsets.get(1));
    }

    private Dtype dtype(String name, JsonParser parser) throws IOException {
        String found = shown(parser);
        return Dtype.of(parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "")
                .orElseThrow(() -> SafetensorsException.in(
                        path,
                        "tensor '%s' has the dtype %s, expected one of %s",
                        name,
                        found,
                        Joiner.on(", ").join(Dtype.values())));
    }

    private ImmutableLongArray naturals(String name, String key, JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw SafetensorsException.in(
                    path, "tensor '%s' has the %s %s, expected a list of integers", name, key, shown(parser));
        }
        List<Long> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            boolean fits = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                    && parser.getLongValue() >= 0;
            if (!fits) {
                throw SafetensorsException.in(
                        path,
                        "tensor '%s' has %s in its %s, expected integers from 0 to %d",
                        name,
                        shown(parser),
                        key,
                        Long.MAX_VALUE);
            }
            values.add(parser.getLongValue());
        }
        return ImmutableLongArray.copyOf(values);
    }

    private String unicode(String text) throws SafetensorsException {
        if (!StrictJson.isUnicode(text)) {
            throw SafetensorsException.in(path, "the header has a text with half of a surrogate pair in it");
        }
        return text;
    }

    private static String shown(JsonParser parser) throws IOException {
        return StrictJson.shown(parser);
    }
}
