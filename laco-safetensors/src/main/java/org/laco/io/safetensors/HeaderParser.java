package org.laco.io.safetensors;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableLongArray;
import com.google.common.primitives.Longs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.laco.io.safetensors.JsonReader.Token;

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

    SafetensorsHeader parse(String json) throws SafetensorsException {
        try {
            JsonReader reader = JsonReader.of(json);
            reader.next();
            return header(reader);
        } catch (JsonException e) {
            throw SafetensorsException.in(
                            path,
                            "the header, bytes 8 to %d, is not valid JSON at character %d",
                            dataStart,
                            e.position())
                    .causedBy(e);
        }
    }

    private SafetensorsHeader header(JsonReader reader) throws JsonException, SafetensorsException {
        boolean hasMetadata = false;
        ImmutableMap<String, String> metadata = ImmutableMap.of();
        Map<String, TensorEntry> tensors = new LinkedHashMap<>();
        while (reader.next() != Token.END_OBJECT) {
            String name = unicode(reader.text());
            reader.next();
            if (name.equals(METADATA)) {
                if (hasMetadata) {
                    throw SafetensorsException.in(path, "the header has two entries named %s", METADATA);
                }
                hasMetadata = true;
                metadata = metadata(reader);
            } else if (name.isEmpty()) {
                throw SafetensorsException.in(path, "the header has a tensor with an empty name");
            } else if (tensors.putIfAbsent(name, tensor(name, reader)) != null) {
                throw SafetensorsException.in(path, "the header has two entries named '%s'", name);
            }
        }
        if (reader.next() != Token.END) {
            throw SafetensorsException.in(path, "the header goes on after its JSON object, expected only spaces there");
        }
        return new SafetensorsHeader(dataStart, metadata, DataOrder.check(path, tensors.values(), dataLength));
    }

    private ImmutableMap<String, String> metadata(JsonReader reader) throws JsonException, SafetensorsException {
        if (reader.token() == Token.WORD && reader.text().equals("null")) {
            return ImmutableMap.of();
        }
        if (reader.token() != Token.START_OBJECT) {
            throw SafetensorsException.in(path, "%s is %s, expected an object of strings", METADATA, reader.shown());
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        while (reader.next() != Token.END_OBJECT) {
            String key = unicode(reader.text());
            if (reader.next() != Token.TEXT) {
                throw SafetensorsException.in(
                        path, "%s has %s under '%s', expected a string", METADATA, reader.shown(), key);
            }
            if (metadata.putIfAbsent(key, unicode(reader.text())) != null) {
                throw SafetensorsException.in(path, "%s has the key '%s' twice", METADATA, key);
            }
        }
        return ImmutableMap.copyOf(metadata);
    }

    private TensorEntry tensor(String name, JsonReader reader) throws JsonException, SafetensorsException {
        if (reader.token() != Token.START_OBJECT) {
            throw SafetensorsException.in(
                    path,
                    "tensor '%s' is %s, expected an object with dtype, shape and data_offsets",
                    name,
                    reader.shown());
        }
        Set<String> seen = new HashSet<>();
        Dtype dtype = null;
        ImmutableLongArray shape = null;
        ImmutableLongArray offsets = null;
        while (reader.next() != Token.END_OBJECT) {
            String key = reader.text();
            if (!seen.add(key)) {
                throw SafetensorsException.in(path, "tensor '%s' has the key '%s' twice", name, key);
            }
            reader.next();
            switch (key) {
                case "dtype" -> dtype = dtype(name, reader);
                case "shape" -> shape = naturals(name, key, reader);
                case "data_offsets" -> offsets = naturals(name, key, reader);
                default -> reader.skipValue();
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

    private Dtype dtype(String name, JsonReader reader) throws JsonException, SafetensorsException {
        String found = reader.shown();
        return Dtype.of(reader.token() == Token.TEXT ? reader.text() : "")
                .orElseThrow(() -> SafetensorsException.in(
                        path,
                        "tensor '%s' has the dtype %s, expected one of %s",
                        name,
                        found,
                        Joiner.on(", ").join(Dtype.values())));
    }

    private ImmutableLongArray naturals(String name, String key, JsonReader reader)
            throws JsonException, SafetensorsException {
        if (reader.token() != Token.START_LIST) {
            throw SafetensorsException.in(
                    path, "tensor '%s' has the %s %s, expected a list of integers", name, key, reader.shown());
        }
        List<Long> values = new ArrayList<>();
        while (reader.next() != Token.END_LIST) {
            Long value = reader.token() == Token.NUMBER ? Longs.tryParse(reader.text()) : null;
            if (value == null || value < 0) {
                throw SafetensorsException.in(
                        path,
                        "tensor '%s' has %s in its %s, expected integers from 0 to %d",
                        name,
                        reader.shown(),
                        key,
                        Long.MAX_VALUE);
            }
            values.add(value);
        }
        return ImmutableLongArray.copyOf(values);
    }

    private String unicode(String text) throws SafetensorsException {
        if (!JsonText.isUnicode(text)) {
            throw SafetensorsException.in(path, "the header has a text with half of a surrogate pair in it");
        }
        return text;
    }
}
