package org.laco.cli.option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.laco.LayerCollapse;
import org.laco.io.Checkpoint;
import org.laco.io.ChoiceFile;
import org.laco.measure.ChoiceAccuracy;
import org.laco.stack.Calibration;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** On what a search is judged: sequences, or questions of multiple choice. */
public final class JudgedSequences {
    @ArgGroup(validate = false)
    private CalibrationTextOptions calibration = new CalibrationTextOptions();

    @Option(
            names = "--questions",
            paramLabel = "FILE",
            converter = TextConverter.class,
            order = 33,
            description =
                    "Judge candidates by how many questions they answer right, and those that are alike in that by "
                            + "the right choices' share of probability: JSON lines of {\"context\": …, \"choices\": […], "
                            + "\"answer\": 0}. The questions are then the sequences on which similarity is measured, too.")
    private Path questions;

    private ChoiceAccuracy accuracy;

    /**
     * Returns whether there are questions.
     *
     * @return whether a file of them was named
     */
    public boolean hasQuestions() {
        return questions != null;
    }

    /**
     * Checks that the options go together.
     *
     * @throws IllegalArgumentException if they don't
     */
    public void check() {
        calibration.check();
        if (questions != null && calibration.isGiven()) {
            throw new IllegalArgumentException(
                    "--questions and --calibration exclude one another: similarity is measured on the questions");
        }
    }

    /**
     * Reads the sequences.
     *
     * @param checkpoint whose tokenizer is used
     * @param refit how a fit divides a running text
     * @return the sequences
     * @throws IOException if the file can't be read or holds none
     */
    public Calibration read(Checkpoint checkpoint, RefitOptions refit) throws IOException {
        if (questions == null) {
            return calibration.read(checkpoint, refit);
        }
        accuracy = ChoiceAccuracy.of(ChoiceFile.read(questions, checkpoint.tokenizer()));
        return accuracy.calibration();
    }

    /**
     * Returns what a fit is made to that is given no text of its own.
     *
     * @return windows of the calibration text that was read, empty if there is none
     */
    public Optional<Calibration> fitted() {
        return calibration.fitted();
    }

    /**
     * Hands over what candidates are judged by, if it is the answers to the questions that were read.
     *
     * @param builder the settings of the search
     */
    public void applyTo(LayerCollapse.Builder builder) {
        if (accuracy != null) {
            builder.objective(accuracy);
        }
    }
}
