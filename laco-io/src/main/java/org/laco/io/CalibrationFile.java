package org.laco.io;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.io.Resources;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;

/**
 * Reads calibration sequences from a file: text, one sequence a line, or JSON lines of {@code {"text": …}} or {@code {"input_ids":
 * […]}}.
 *
 * <p>A file whose first line starts with a brace is JSON lines. Empty lines are skipped. Only sequences of text need a tokenizer.
 */
public final class CalibrationFile {
    private final Path file;
    private final Checkpoint checkpoint;

    private CalibrationFile(Path file, Checkpoint checkpoint) {
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
    public static Calibration read(Path file, Checkpoint checkpoint) throws IOException {
        return new CalibrationFile(file, checkpoint).read();
    }

    /**
     * Reads running text and cuts it into windows, as a fit to many tokens wants them.
     *
     * @param file plain text in UTF-8, tokenised as a whole; the last, partial window is dropped
     * @param checkpoint whose tokenizer is used
     * @param window the number of tokens of a window, at least 2
     * @param maxTokens how many tokens are used at most
     * @return the windows
     * @throws IOException if the file can't be read, or is shorter than a window; the message names it
     */
    public static Calibration windows(Path file, Checkpoint checkpoint, int window, long maxTokens) throws IOException {
        checkArgument(window >= 2, "a window needs at least 2 tokens, not %s", window);
        requireRoom(checkpoint, window, "a window");
        int[] ids = checkpoint.tokenizer().encode(TextFile.read(file));
        int count = (int) (Math.min(ids.length, maxTokens) / window);
        if (count == 0) {
            throw new IOException(file + " has " + ids.length + " tokens, less than a window of " + window);
        }
        return Calibration.ofTokens(IntStream.range(0, count)
                .mapToObj(i -> Arrays.copyOfRange(ids, i * window, (i + 1) * window))
                .toList());
    }

    /**
     * Takes the ten sentences that come with the library, for want of better ones: text of the kind that the model is meant for
     * protects what matters.
     *
     * @param checkpoint whose tokenizer is used
     * @return the sequences
     * @throws IOException if the checkpoint has no tokenizer
     */
    public static Calibration standard(Checkpoint checkpoint) throws IOException {
        List<int[]> sequences = new ArrayList<>();
        for (String sentence : Resources.readLines(
                Resources.getResource(CalibrationFile.class, "calibration.txt"), StandardCharsets.UTF_8)) {
            sequences.add(checkpoint.tokenizer().encode(sentence));
        }
        return Calibration.ofTokens(sequences);
    }

    private Calibration read() throws IOException {
        JsonLines lines = JsonLines.read(file);
        lines.refuseArrays("{\"text\": …}");
        boolean objects = lines.startsWithObject();
        List<int[]> sequences = new ArrayList<>();
        for (int i = 0; i < lines.count(); i++) {
            if (!lines.line(i).isBlank()) {
                int[] ids = objects ? parse(lines, i) : checkpoint.tokenizer().encode(lines.line(i));
                if (ids.length == 0) {
                    throw lines.error(i, "the sequence has no tokens");
                }
                try {
                    requireRoom(checkpoint, ids.length, "the sequence");
                } catch (IllegalArgumentException e) {
                    throw lines.error(i, e.getMessage());
                }
                sequences.add(ids);
            }
        }
        if (sequences.isEmpty()) {
            throw new IOException(file + ": the calibration is empty: it needs at least one sequence");
        }
        return Calibration.ofTokens(sequences);
    }

    /** Refuses sequences that are longer than the model's learned positions. */
    private static void requireRoom(Checkpoint checkpoint, int length, String what) {
        checkpoint.model().positions().ifPresent(positions -> positions.requireRoom(length, what));
    }

    private int[] parse(JsonLines lines, int index) throws IOException {
        JsonNode node = lines.parse(index);
        if (node.path("text").isTextual()) {
            return checkpoint.tokenizer().encode(node.get("text").textValue());
        }
        JsonNode ids = node.path("input_ids");
        if (!ids.isArray()) {
            throw lines.error(index, "expected {\"text\": …} or {\"input_ids\": […]}");
        }
        ImmutableIntArray.Builder read = ImmutableIntArray.builder();
        for (JsonNode id : ids) {
            if (!id.canConvertToInt() || !id.isIntegralNumber() || id.intValue() < 0) {
                throw lines.error(index, id + " is not a token id");
            }
            read.add(id.intValue());
        }
        return read.build().toArray();
    }
}
