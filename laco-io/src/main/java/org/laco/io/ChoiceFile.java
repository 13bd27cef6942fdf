package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.MoreFiles;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.laco.measure.ChoiceItem;

/**
 * Reads questions of multiple choice from JSON lines of {@code {"context": …, "choices": […], "answer": 0}}.
 *
 * <p>A choice starts with the space that parts it from the context; white space at the context's end is moved to its choices. Context and
 * choice are encoded together, with the tokenizer's special tokens, and the choice's tokens are those after as many as the context alone
 * has, which is how lm-evaluation-harness does it: a tokenizer that puts a space before every text then gives a choice no token that the
 * whole text doesn't have. A text {@code kind} is kept.
 *
 * <pre>{@code
 * List<ChoiceItem> items = ChoiceFile.read(Path.of("choices.jsonl"), checkpoint.tokenizer());
 * MultipleChoice.measure(TokenLogProbabilities.of(checkpoint.model()), items).accuracy().value();   // 0.70625
 * }</pre>
 */
public final class ChoiceFile {
    private static final String EXPECTED = "expected {\"context\": …, \"choices\": […], \"answer\": 0}";

    /** What parts a context from its choices: Unicode's white space, and the control characters that separate records. */
    private static final CharMatcher WHITE_SPACE = CharMatcher.whitespace().or(CharMatcher.inRange('\u001c', '\u001f'));

    private ChoiceFile() {}

    /**
     * Reads a file.
     *
     * @param file the file, in UTF-8; blank lines are skipped
     * @param tokenizer the model's tokenizer
     * @return the questions
     * @throws IOException if the file can't be read, holds no question, or a line isn't one; the message names the line
     */
    public static ImmutableList<ChoiceItem> read(Path file, Tokenizer tokenizer) throws IOException {
        JsonLines lines = JsonLines.read(file);
        lines.refuseArrays("{\"context\": …, \"choices\": […], \"answer\": 0}");
        ImmutableList.Builder<ChoiceItem> items = ImmutableList.builder();
        for (int i = 0; i < lines.count(); i++) {
            if (!lines.line(i).isBlank()) {
                try {
                    items.add(item(lines.parse(i), tokenizer));
                } catch (IllegalArgumentException e) {
                    throw lines.error(i, e.getMessage());
                }
            }
        }
        ImmutableList<ChoiceItem> read = items.build();
        if (read.isEmpty()) {
            throw new IOException(file + ": there are no questions, expected one a line");
        }
        return read;
    }

    /**
     * Reads all files of a directory that end in {@code .jsonl}, each of which holds the questions of one task.
     *
     * @param directory the directory
     * @param tokenizer the model's tokenizer
     * @return the questions by the task's name, which is the file's without its ending, in alphabetical order
     * @throws IOException if there is no such file, or one can't be read or holds something else; the message names it
     */
    public static ImmutableMap<String, ImmutableList<ChoiceItem>> readAll(Path directory, Tokenizer tokenizer)
            throws IOException {
        ImmutableMap.Builder<String, ImmutableList<ChoiceItem>> tasks = ImmutableMap.builder();
        for (Path file : files(directory)) {
            tasks.put(MoreFiles.getNameWithoutExtension(file), read(file, tokenizer));
        }
        return tasks.buildOrThrow();
    }

    /**
     * Returns the files of a directory that hold a task each.
     *
     * @param directory the directory
     * @return those that end in {@code .jsonl}, in alphabetical order
     * @throws IOException if there is none, or the directory can't be read
     */
    public static ImmutableList<Path> files(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is no directory, expected one with a .jsonl file a task");
        }
        try (Stream<Path> entries = Files.list(directory)) {
            ImmutableList<Path> files = entries.filter(
                            file -> file.getFileName().toString().endsWith(".jsonl"))
                    .sorted()
                    .collect(ImmutableList.toImmutableList());
            if (files.isEmpty()) {
                throw new IOException(directory + " holds no .jsonl file, expected one a task");
            }
            return files;
        }
    }

    private static ChoiceItem item(JsonNode node, Tokenizer tokenizer) {
        if (!node.path("context").isTextual()
                || !node.path("choices").isArray()
                || !node.path("answer").isNumber()) {
            throw new IllegalArgumentException(EXPECTED);
        }
        JsonNode answer = node.get("answer");
        if (!answer.canConvertToExactIntegral() || !answer.canConvertToInt()) {
            throw new IllegalArgumentException(
                    "the answer is " + answer.asText() + ", expected the number of a choice, from 0");
        }
        String given = node.get("context").textValue();
        String context = WHITE_SPACE.trimTrailingFrom(given);
        String moved = given.substring(context.length());
        int[] contextIds = tokenizer.encode(context);
        ImmutableList.Builder<ImmutableIntArray> choices = ImmutableList.builder();
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        int number = 0;
        for (JsonNode choice : node.get("choices")) {
            if (!choice.isTextual()) {
                throw new IllegalArgumentException(EXPECTED);
            }
            int[] whole = tokenizer.encode(context + moved + choice.textValue());
            if (whole.length <= contextIds.length) {
                throw new IllegalArgumentException("choice " + number + " adds no token to the context");
            }
            choices.add(ImmutableIntArray.copyOf(whole).subArray(contextIds.length, whole.length));
            texts.add(choice.textValue());
            number++;
        }
        return new ChoiceItem(
                ImmutableIntArray.copyOf(contextIds),
                choices.build(),
                texts.build(),
                answer.intValue(),
                node.path("kind").asText(""));
    }
}
