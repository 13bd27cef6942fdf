package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The lines of a text file, each of which may hold a JSON value; errors name the file and the line. */
final class JsonLines {
    private final Json json = new Json();
    private final Path file;
    private final String text;
    private final ImmutableList<String> lines;

    private JsonLines(Path file, String text) {
        this.file = file;
        this.text = text;
        this.lines = text.lines().collect(ImmutableList.toImmutableList());
    }

    static JsonLines read(Path file) throws IOException {
        return new JsonLines(file, TextFile.read(file));
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
        return first().map(line -> line.startsWith("{")).orElse(false);
    }

    /**
     * Refuses a file that is one JSON array, or has an array a line, as it would pass for text.
     *
     * @param expected what a line should hold
     */
    void refuseArrays(String expected) throws IOException {
        if (first().map(line -> line.startsWith("[")).orElse(false) && (isArray(text) || allLinesAreArrays())) {
            throw new IOException(
                    file + " holds a JSON array, expected JSON lines: one object a line, such as " + expected);
        }
    }

    private Optional<String> first() {
        return lines.stream().filter(line -> !line.isBlank()).findFirst().map(String::stripLeading);
    }

    private boolean allLinesAreArrays() {
        return lines.stream().filter(line -> !line.isBlank()).allMatch(this::isArray);
    }

    private boolean isArray(String value) {
        try {
            return json.readLine(value).isArray();
        } catch (IOException e) {
            return false;
        }
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
