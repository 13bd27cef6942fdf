package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The lines of a text file, each of which may hold a JSON value; errors name the file and the line. */
final class JsonLines {
    private final Json json = new Json();
    private final Path file;
    private final List<String> lines;

    private JsonLines(Path file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    static JsonLines read(Path file) throws IOException {
        try {
            return new JsonLines(file, Files.readAllLines(file));
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is missing", e);
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": not valid UTF-8", e);
        }
    }

    int count() {
        return lines.size();
    }

    /** Returns a line, from 0. */
    String line(int index) {
        return lines.get(index);
    }

    /** Returns whether the first line that isn't blank starts an object. */
    boolean startsWithObject() {
        return lines.stream()
                .filter(line -> !line.isBlank())
                .findFirst()
                .map(line -> line.stripLeading().startsWith("{"))
                .orElse(false);
    }

    /** Parses a line. */
    JsonNode parse(int index) throws IOException {
        try {
            return json.readLine(lines.get(index));
        } catch (IOException e) {
            throw error(index, e.getMessage());
        }
    }

    /** Makes an exception that says where it is about. */
    IOException error(int index, String message) {
        return new IOException(file + ", line " + (index + 1) + ": " + message);
    }
}
