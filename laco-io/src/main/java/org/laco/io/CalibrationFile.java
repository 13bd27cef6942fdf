package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.laco.Calibration;

/**
 * Reads calibration sequences from a file: text, one sequence a line, or JSON lines of {@code {"text": …}} or {@code {"input_ids":
 * […]}}.
 *
 * <p>A file whose first line starts with a brace is JSON lines. Empty lines are skipped. Only sequences of text need a tokenizer.
 */
public final class CalibrationFile {
    private final Json json = new Json();
    private final Path file;
    private final HfCheckpoint checkpoint;

    private CalibrationFile(Path file, HfCheckpoint checkpoint) {
        this.file = file;
        this.checkpoint = checkpoint;
    }

    /**
     * Reads a file.
     *
     * @param file the file, in UTF-8
     * @param checkpoint whose tokenizer is used for text
     * @return the sequences
     * @throws IOException if the file can't be read or a line isn't valid; the message names the line
     * @throws IllegalArgumentException if there is no sequence
     */
    public static Calibration read(Path file, HfCheckpoint checkpoint) throws IOException {
        return new CalibrationFile(file, checkpoint).read();
    }

    /**
     * Takes the ten sentences that come with the library, for want of better ones: text of the kind that the model is meant for
     * protects what matters.
     *
     * @param checkpoint whose tokenizer is used
     * @return the sequences
     * @throws IOException if the checkpoint has no tokenizer
     */
    public static Calibration standard(HfCheckpoint checkpoint) throws IOException {
        List<int[]> sequences = new ArrayList<>();
        for (String sentence : Resources.readLines(
                Resources.getResource(CalibrationFile.class, "calibration.txt"), StandardCharsets.UTF_8)) {
            sequences.add(checkpoint.tokenizer().encode(sentence));
        }
        return Calibration.ofTokens(sequences);
    }

    private Calibration read() throws IOException {
        List<String> lines = lines(file);
        boolean jsonLines = lines.stream()
                .filter(line -> !line.isBlank())
                .findFirst()
                .map(line -> line.stripLeading().startsWith("{"))
                .orElse(false);
        List<int[]> sequences = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                int[] ids = jsonLines
                        ? parse(lines.get(i), i + 1)
                        : checkpoint.tokenizer().encode(lines.get(i));
                if (ids.length == 0) {
                    throw new IOException(file + ", line " + (i + 1) + ": the sequence has no tokens");
                }
                sequences.add(ids);
            }
        }
        if (sequences.isEmpty()) {
            throw new IOException(file + ": the calibration is empty: it needs at least one sequence");
        }
        return Calibration.ofTokens(sequences);
    }

    private int[] parse(String line, int number) throws IOException {
        JsonNode node;
        try {
            node = json.readLine(line);
        } catch (IOException e) {
            throw new IOException(file + ", line " + number + ": " + e.getMessage(), e);
        }
        if (node.path("text").isTextual()) {
            return checkpoint.tokenizer().encode(node.get("text").textValue());
        }
        JsonNode ids = node.path("input_ids");
        if (!ids.isArray()) {
            throw new IOException(file + ", line " + number + ": expected {\"text\": …} or {\"input_ids\": […]}");
        }
        ImmutableList.Builder<Integer> read = ImmutableList.builder();
        for (JsonNode id : ids) {
            if (!id.canConvertToInt() || !id.isIntegralNumber() || id.intValue() < 0) {
                throw new IOException(file + ", line " + number + ": " + id + " is not a token id");
            }
            read.add(id.intValue());
        }
        return read.build().stream().mapToInt(Integer::intValue).toArray();
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is missing", e);
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": not valid UTF-8", e);
        }
    }
}
