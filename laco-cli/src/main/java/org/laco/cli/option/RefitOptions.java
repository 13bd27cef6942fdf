package org.laco.cli.option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.laco.LayerCollapse;
import org.laco.fit.Fit;
import org.laco.io.CalibrationFile;
import org.laco.io.Checkpoint;
import org.laco.stack.Calibration;
import picocli.CommandLine.Option;

/** Whether and to what text merged layers are fitted. */
public final class RefitOptions extends FitOptions {
    @Option(
            names = "--refit",
            order = 25,
            description =
                    "Fit the last map of each merged layer in closed form to what the original computes. A search that "
                            + "has a fit of its own, such as replaceme, keeps that.")
    private boolean refit;

    @Option(
            names = "--refit-text",
            paramLabel = "FILE",
            converter = TextConverter.class,
            order = 26,
            description = "The text to fit to, cut into windows. Give a few times as many tokens as the model's inner "
                    + "width. Default: windows of --calibration-text; without one the "
                    + "calibration, which is mostly too short.")
    private Path text;

    @Option(
            names = "--refit-window",
            paramLabel = "TOKENS",
            order = 28,
            defaultValue = "128",
            description = "The length of a window. Default: ${DEFAULT-VALUE}.")
    private int window;

    @Option(
            names = "--refit-per-line",
            order = 28,
            description = "Take each line of that text for a document of its own with its special tokens, instead of "
                    + "windows: for a model that was trained on such lines.")
    private boolean perLine;

    /**
     * Returns whether weights are fitted.
     *
     * @return whether that was asked for
     */
    public boolean isGiven() {
        return refit || text != null;
    }

    /** Returns the length of a window. */
    int window() {
        return window;
    }

    /**
     * Hands over what was given.
     *
     * @param builder the settings of the search
     * @param checkpoint whose tokenizer is used
     * @param own the fit that belongs to what is run, empty for the fit of whole maps
     * @param calibrated what a fit is made to that is given no text, empty for the calibration itself
     * @throws IOException if the text can't be read
     */
    public void applyTo(
            LayerCollapse.Builder builder, Checkpoint checkpoint, Optional<Fit> own, Optional<Calibration> calibrated)
            throws IOException {
        if (isGiven()) {
            Fit fit = own.map(this::with).orElseGet(this::ridge);
            builder.fit(
                    text == null ? calibrated.map(fit::calibration).orElse(fit) : fit.calibration(read(checkpoint)));
        }
    }

    private Calibration read(Checkpoint checkpoint) throws IOException {
        return perLine
                ? CalibrationFile.read(text, checkpoint).first(tokens())
                : CalibrationFile.windows(text, checkpoint, window, tokens());
    }
}
