package org.laco.cli.option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.laco.cli.progress.Progress;
import org.laco.io.Checkpoint;
import org.laco.io.TextFile;
import org.laco.measure.Perplexity;
import org.laco.measure.TokenLogProbabilities;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** On what text perplexity is measured, and how. */
public final class TextOptions {
    private static final String TEXT_TOKENS = "--text-tokens";
    private static final String MAX_TOKENS = "--max-tokens";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            converter = TextConverter.class,
            order = 1,
            description = "The text on which perplexity is measured.")
    private Path file;

    @Option(
            names = {TEXT_TOKENS, MAX_TOKENS},
            paramLabel = "N",
            order = 2,
            description = "Use the first N tokens only. Default: all.")
    private Long maxTokens;

    @Mixin
    private WindowOptions cut = new WindowOptions(512);

    /**
     * Returns whether there is a text.
     *
     * @return whether one was named
     */
    public boolean isGiven() {
        return file != null;
    }

    /**
     * Measures perplexity on the text.
     *
     * @param checkpoint the model
     * @param probabilities of the model's tokens
     * @param progress shows how it goes on
     * @return the perplexity, nothing if there is no text
     * @throws IOException if the text can't be read or is too short
     * @throws ParameterException if options exclude one another
     */
    public Optional<Perplexity> measure(Checkpoint checkpoint, TokenLogProbabilities probabilities, Progress progress)
            throws IOException {
        if (cut.perLine() && (cut.isWindowGiven() || maxTokens != null)) {
            throw new ParameterException(
                    command.commandLine(), "--window and " + limit() + " don't go together with --per-line");
        }
        if (cut.window() < 2) {
            throw new ParameterException(
                    command.commandLine(), "--window needs at least 2 tokens, not " + cut.window());
        }
        if (maxTokens != null && maxTokens < cut.window()) {
            throw new ParameterException(
                    command.commandLine(),
                    limit() + " " + maxTokens + " is less than one window of " + cut.window()
                            + " tokens: allow more, or give a shorter --window");
        }
        if (file == null) {
            return Optional.empty();
        }
        progress.phase("perplexity");
        return Optional.of(cut.perLine() ? ofLines(checkpoint, probabilities) : ofWindows(checkpoint, probabilities));
    }

    /** Returns the name by which the number of tokens was given, as one looks for that in what one typed. */
    private String limit() {
        return command.commandLine().getParseResult().expandedArgs().stream()
                        .anyMatch(argument -> argument.startsWith(MAX_TOKENS))
                ? MAX_TOKENS
                : TEXT_TOKENS;
    }

    private Perplexity ofWindows(Checkpoint checkpoint, TokenLogProbabilities probabilities) throws IOException {
        int length = cut.window();
        OptionalInt longest = checkpoint.model().longestSequence();
        if (longest.isPresent() && length > longest.getAsInt()) {
            throw new IllegalArgumentException(String.format(
                    "a window of %d tokens is longer than the %d that the model takes: give --window %d",
                    length, longest.getAsInt(), longest.getAsInt()));
        }
        int[] ids = checkpoint.tokenizer().encode(TextFile.read(file));
        if (ids.length < length) {
            throw new IOException(file + " has " + ids.length + " tokens, less than one window of " + length
                    + ": give a longer text, a shorter --window, or --per-line");
        }
        return Perplexity.ofWindows(
                probabilities, ids, length, maxTokens == null ? OptionalLong.empty() : OptionalLong.of(maxTokens));
    }

    private Perplexity ofLines(Checkpoint checkpoint, TokenLogProbabilities probabilities) throws IOException {
        List<int[]> lines = new ArrayList<>();
        int longest = checkpoint.model().longestSequence().orElse(Integer.MAX_VALUE);
        int number = 0;
        for (String line : TextFile.read(file).lines().toList()) {
            number++;
            if (!line.isBlank()) {
                int[] ids = checkpoint.tokenizer().encode(line);
                if (ids.length > longest) {
                    throw new IOException(String.format(
                            "%s, line %d: %d tokens are more than the %d that the model takes",
                            file, number, ids.length, longest));
                }
                lines.add(ids);
            }
        }
        if (lines.isEmpty()) {
            throw new IOException(file + ": there is no text");
        }
        return Perplexity.ofSequences(probabilities, lines);
    }
}
