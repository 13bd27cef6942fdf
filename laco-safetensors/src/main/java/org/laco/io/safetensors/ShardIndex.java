package org.laco.io.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.google.common.base.Utf8;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.laco.io.file.LfsPointerException;
import org.laco.io.file.SmallFile;

/** The index of a sharded directory: which file holds which tensor. Its {@code metadata} is not looked at. */
final class ShardIndex {
    static final String FILE_NAME = "model.safetensors.index.json";

    private static final String WEIGHT_MAP = "weight_map";

    private final Path path;

    private ShardIndex(Path path) {
        this.path = path;
    }

    /** Reads an index of at most as many bytes as a header may have, far more than the largest has. */
    static SmallFile open(Path path) throws IOException {
        if (Files.isRegularFile(path) && Files.size(path) > HeaderReader.MAX_LENGTH) {
            throw SafetensorsException.in(
                    path, "the index has %d bytes, expected at most %d", Files.size(path), HeaderReader.MAX_LENGTH);
        }
        try {
            return SmallFile.read(path, HeaderReader.MAX_LENGTH);
        } catch (LfsPointerException e) {
            throw SafetensorsException.in(path, "the index is a Git LFS pointer: fetch the files, as by git lfs pull")
                    .causedBy(e);
        }
    }

    /** Returns the file names by tensor name. */
    static ImmutableMap<String, String> read(Path path) throws IOException {
        return parse(open(path), path);
    }

    static ImmutableMap<String, String> parse(SmallFile file, Path path) throws IOException {
        if (!Utf8.isWellFormed(file.bytes())) {
            throw SafetensorsException.in(path, "the index is not valid UTF-8");
        }
        String json = file.text();
        try (JsonParser parser = StrictJson.LENIENT_NUMBERS.createParser(json)) {
            try {
                return new ShardIndex(path).index(parser);
            } catch (JsonProcessingException e) {
                long position = StrictJson.position(parser, e);
                throw SafetensorsException.in(path, "the index is not valid JSON at character %d", position)
                        .causedBy(e);
            }
        }
    }

    /** Returns the files in the order of their names, which is that of their numbers. */
    static ImmutableSortedSet<String> files(Map<String, String> weightMap) {
        return ImmutableSortedSet.copyOf(weightMap.values());
    }

    private ImmutableMap<String, String> index(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw SafetensorsException.in(path, "the index is not a JSON object");
        }
        ImmutableMap<String, String> weightMap = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            if (!key.equals(WEIGHT_MAP)) {
                parser.skipChildren();
            } else if (weightMap != null) {
                throw SafetensorsException.in(path, "the index has two entries named %s", WEIGHT_MAP);
            } else {
                weightMap = weightMap(parser);
            }
        }
        if (parser.nextToken() != null) {
            throw SafetensorsException.in(path, "the index goes on after its JSON object");
        }
        if (weightMap == null || weightMap.isEmpty()) {
            throw SafetensorsException.in(path, "the index has no %s, or an empty one", WEIGHT_MAP);
        }
        return weightMap;
    }

    private ImmutableMap<String, String> weightMap(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw SafetensorsException.in(
                    path, "%s is %s, expected an object of file names", WEIGHT_MAP, StrictJson.shown(parser));
        }
        Map<String, String> weightMap = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String tensor = parser.currentName();
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw SafetensorsException.in(
                        path, "tensor '%s' is mapped to %s, expected a file name", tensor, StrictJson.shown(parser));
            }
            String file = parser.getText();
            if (!isPlainFileName(file)) {
                throw SafetensorsException.in(
                        path,
                        "tensor '%s' is mapped to '%s', expected the name of a file in the same directory",
                        tensor,
                        file.replace("\0", "\\0"));
            }
            if (weightMap.putIfAbsent(tensor, file) != null) {
                throw SafetensorsException.in(path, "tensor '%s' is mapped twice", tensor);
            }
        }
        return ImmutableMap.copyOf(weightMap);
    }

    /** Returns whether a name stays inside the directory on any system; a colon could name a drive. */
    private static boolean isPlainFileName(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            return false;
        }
        if (name.chars().anyMatch(c -> c == '/' || c == '\\' || c == ':' || c == 0)) {
            return false;
        }
        try {
            Path plain = Path.of(name);
            return !plain.isAbsolute() && plain.getNameCount() == 1;
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
