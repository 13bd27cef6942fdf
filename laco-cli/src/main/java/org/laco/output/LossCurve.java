package org.laco.output;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.laco.page.Curve;
import org.laco.page.Mark;
import org.laco.page.Plot;
import org.laco.train.PostTrainingResult;
import org.laco.train.TrainingStep;
import org.laco.train.ValidationLoss;

/** The course of a loss, as a table or as a picture. */
public final class LossCurve {
    private static final String TABLE = ".csv";
    private static final String PICTURE = ".svg";

    private final List<TrainingStep> steps;
    private final List<ValidationLoss> validations;

    LossCurve(List<TrainingStep> steps, List<ValidationLoss> validations) {
        this.steps = steps;
        this.validations = validations;
    }

    /**
     * Takes the course of a training's loss.
     *
     * @param result what the training gave
     * @return the curve
     */
    public static LossCurve of(PostTrainingResult result) {
        return new LossCurve(result.steps(), result.validations());
    }

    /**
     * Refuses a file that couldn't be written.
     *
     * @param file the file
     * @throws IOException if its directory isn't there
     * @throws IllegalArgumentException if it ends in something else than .csv or .svg
     */
    public static void check(Path file) throws IOException {
        checkArgument(
                file.toString().endsWith(TABLE) || file.toString().endsWith(PICTURE),
                "a loss curve is written as .csv or .svg, and %s is neither",
                file);
        Path directory = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is not a directory, so " + file + " can't be written");
        }
    }

    /**
     * Writes the curve by the file's ending.
     *
     * @param file the file, which is replaced
     * @throws IOException if it can't be written; the message names it
     */
    public void write(Path file) throws IOException {
        String content = file.toString().endsWith(TABLE) ? table() : picture();
        OutputDirectory.write(file, content.getBytes(StandardCharsets.UTF_8));
    }

    /** A row a step, and one for the loss before the first. */
    String table() {
        Map<Long, Double> measured = new HashMap<>();
        validations.forEach(validation -> measured.put(validation.step(), validation.loss()));
        StringBuilder table = new StringBuilder("step,tokens,loss,gradientNorm,learningRate,validationLoss\n");
        table.append("0,0,,,,").append(measured.getOrDefault(0L, Double.NaN)).append('\n');
        for (TrainingStep step : steps) {
            table.append(String.format(
                    Locale.ROOT,
                    "%d,%d,%s,%s,%s,%s%n",
                    step.step(),
                    step.tokens(),
                    step.loss(),
                    step.gradientNorm(),
                    step.rate(),
                    measured.containsKey(step.step()) ? measured.get(step.step()) : ""));
        }
        return table.toString().replace("\r\n", "\n");
    }

    /** The loss of each step as a thin line, since there may be thousands, and that on the validation text. */
    String picture() {
        List<Mark> trained = steps.stream()
                .map(step -> new Mark(step.tokens(), step.loss(), ""))
                .filter(LossCurve::isShown)
                .toList();
        List<Mark> measured =
                validations.stream().map(this::mark).filter(LossCurve::isShown).toList();
        return Plot.of(
                        "loss by the tokens trained on",
                        "tokens trained on",
                        "loss in nats",
                        List.of(Curve.thin("each step", 0, trained), new Curve("validation text", 1, measured)))
                .file();
    }

    private static boolean isShown(Mark mark) {
        return Double.isFinite(mark.y());
    }

    private Mark mark(ValidationLoss validation) {
        long tokens = validation.step() == 0
                ? 0
                : steps.get((int) validation.step() - 1).tokens();
        return new Mark(
                tokens,
                validation.loss(),
                String.format(Locale.ROOT, "after %,d tokens: %.4f", tokens, validation.loss()));
    }
}
