package org.laco.cli.option;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.laco.io.Checkpoint;
import org.laco.io.DividedText;
import org.laco.stack.Calibration;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** On which sequences similarity is measured where they may also be pieces of a running text. */
public final class CalibrationTextOptions {
    private static final long DEFAULT_TOKENS = 2048;

    @ArgGroup(validate = false)
    private CalibrationOptions lines = new CalibrationOptions();

    @Option(
            names = "--calibration-text",
            paramLabel = "FILE",
            converter = TextConverter.class,
            order = 31,
            description = "Running text instead of sequences: similarity is measured on pieces of at most "
                    + DividedText.LONGEST_PIECE
                    + " tokens from all over it. A refit that is given no text of its own is made "
                    + "to windows between them, of --refit-tokens.")
    private Path text;

    @Option(
            names = "--calibration-tokens",
            paramLabel = "N",
            order = 32,
            description = "How many tokens of the calibration text similarity is measured on. Default: "
                    + DEFAULT_TOKENS + ".")
    private Long tokens;

    private DividedText divided;

    /**
     * Returns whether sequences or a text were named.
     *
     * @return false for the default
     */
    public boolean isGiven() {
        return lines.isGiven() || text != null;
    }

    /**
     * Checks that the options go together.
     *
     * @throws IllegalArgumentException if they don't
     */
    public void check() {
        checkArgument(
                text == null || !lines.isGiven(),
                "--calibration and --calibration-text exclude one another: give lines or running text");
        checkArgument(text != null || tokens == null, "'--calibration-tokens' needs '--calibration-text'");
        checkArgument(tokens == null || tokens > 0, "'--calibration-tokens' is %s, expected at least 1", tokens);
    }

    /**
     * Reads the sequences.
     *
     * @param checkpoint whose tokenizer is used
     * @param refit how a fit divides the text
     * @return the sequences
     * @throws IOException if the file can't be read or holds none
     */
    public Calibration read(Checkpoint checkpoint, RefitOptions refit) throws IOException {
        if (text == null) {
            return lines.read(checkpoint);
        }
        divided = DividedText.read(
                text, checkpoint, refit.window(), tokens == null ? DEFAULT_TOKENS : tokens, refit.tokens());
        return divided.compared();
    }

    /**
     * Returns what a fit is made to that is given no text of its own.
     *
     * @return windows of the text that was {@link #read}, empty if the sequences are not from a text
     */
    public Optional<Calibration> fitted() {
        return Optional.ofNullable(divided).map(DividedText::fitted);
    }
}
