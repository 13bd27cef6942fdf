package org.laco.cli.option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.io.CalibrationFile;
import org.laco.io.Checkpoint;
import org.laco.stack.Calibration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a model is asked to go on with. */
public final class PromptOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            converter = TextConverter.class,
            order = 30,
            description =
                    "Prompts, one a line, or JSON lines of {\"text\": …} or {\"input_ids\": […]}. The model goes on "
                            + "with each, the likeliest token at each step; the share of repeated 4-grams is measured.")
    private Path file;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            order = 31,
            description = "How many tokens are added to each prompt at most. Default: 64.")
    private Integer tokens;

    /**
     * Checks that the options go together.
     *
     * @throws ParameterException if they don't
     */
    public void check() {
        if (tokens != null && file == null) {
            throw new ParameterException(command.commandLine(), "'--tokens' needs '--prompts'");
        }
        if (tokens() < 1) {
            throw new ParameterException(command.commandLine(), "'--tokens' is " + tokens + ", expected at least 1");
        }
    }

    /**
     * Returns whether there are prompts.
     *
     * @return whether a file was named
     */
    public boolean isGiven() {
        return file != null;
    }

    /**
     * Returns how many tokens are added at most.
     *
     * @return the number of tokens
     */
    public int tokens() {
        return tokens == null ? 64 : tokens;
    }

    /**
     * Reads the prompts.
     *
     * @param checkpoint whose tokenizer is used
     * @return token ids, special tokens included
     * @throws IOException if the file can't be read or holds none
     */
    public List<int[]> read(Checkpoint checkpoint) throws IOException {
        Calibration all = CalibrationFile.read(file, checkpoint);
        return IntStream.range(0, all.layout().count()).mapToObj(all::tokens).toList();
    }
}
