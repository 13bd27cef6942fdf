package org.laco.cli.option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.laco.io.CalibrationFile;
import org.laco.io.Checkpoint;
import org.laco.io.DividedText;
import org.laco.stack.Calibration;
import org.laco.sweep.SweepInputs;
import org.laco.sweep.SweepText;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** On what texts a sweep's searches compare candidates, fits are made and results are measured. */
public final class SweepTextOptions {
    @Option(
            names = {"--calibration-text", "--calibration"},
            paramLabel = "FILE",
            converter = TextConverter.class,
            order = 10,
            description =
                    "The text to search and to fit on. Searches see pieces of at most 64 tokens from all over it, "
                            + "fits the windows between; of lines, the first and those that follow. "
                            + "Default: ten sentences of laco's own.")
    private Path calibration;

    @Option(
            names = "--calibration-tokens",
            paramLabel = "N",
            order = 11,
            defaultValue = "2048",
            description = "How many tokens candidates are compared on. Default: ${DEFAULT-VALUE}.")
    private long calibrationTokens;

    @Mixin
    private FitOptions fit = new FitOptions();

    @Option(
            names = "--text",
            paramLabel = "FILE",
            converter = TextConverter.class,
            order = 12,
            description = "A text on which the results' perplexity is measured; may be given several times.")
    private List<Path> texts = List.of();

    @Option(
            names = {"--text-tokens", "--max-tokens"},
            paramLabel = "N",
            order = 13,
            defaultValue = "6144",
            description = "How many tokens of each text are used. Default: ${DEFAULT-VALUE}.")
    private long textTokens;

    @Mixin
    private WindowOptions cut = new WindowOptions(128);

    @Mixin
    private QuestionOptions questions = new QuestionOptions();

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            order = 25,
            description = "What the results are asked to go on with; may be given several times.")
    private List<String> prompts = List.of();

    /**
     * Checks that the options go together.
     *
     * @throws picocli.CommandLine.ParameterException if they don't
     */
    public void check() {
        questions.check();
    }

    /**
     * Reads what the options name.
     *
     * @param checkpoint the model
     * @return the sweep's inputs
     * @throws IOException if a file can't be read
     */
    public SweepInputs inputs(Checkpoint checkpoint) throws IOException {
        DividedText divided = divided(checkpoint);
        List<SweepText> measured = new ArrayList<>();
        for (Path text : texts) {
            measured.add(new SweepText(text.getFileName().toString(), sequences(read(text, checkpoint, textTokens))));
        }
        return new SweepInputs(
                checkpoint,
                divided.compared(),
                fit.ridge().calibration(divided.fitted()),
                measured,
                questions.hasChoices() ? Optional.of(questions.choices(checkpoint.tokenizer())) : Optional.empty(),
                questions.hasTasks() ? Optional.of(questions.tasks(checkpoint.tokenizer())) : Optional.empty(),
                prompts);
    }

    private DividedText divided(Checkpoint checkpoint) throws IOException {
        if (calibration == null) {
            return DividedText.lines(CalibrationFile.standard(checkpoint), calibrationTokens);
        }
        return cut.perLine()
                ? DividedText.lines(CalibrationFile.read(calibration, checkpoint), calibrationTokens)
                : DividedText.read(calibration, checkpoint, cut.window(), calibrationTokens, fit.tokens());
    }

    private Calibration read(Path file, Checkpoint checkpoint, long tokens) throws IOException {
        return cut.perLine()
                ? CalibrationFile.read(file, checkpoint)
                : CalibrationFile.windows(file, checkpoint, cut.window(), tokens);
    }

    private static List<int[]> sequences(Calibration all) {
        return IntStream.range(0, all.layout().count()).mapToObj(all::tokens).toList();
    }

    /**
     * Adds what a point depends on.
     *
     * @param settings what is added to, by names that stay the same
     * @throws IOException if a file can't be read
     */
    public void describe(Map<String, String> settings) throws IOException {
        settings.put("calibration", calibration == null ? "standard" : DescribedFile.of(calibration));
        settings.put("calibration tokens", Long.toString(calibrationTokens));
        settings.put(
                "calibration cut", cut.perLine() ? "first lines" : "spread pieces of " + DividedText.LONGEST_PIECE);
        settings.put("refit", fit.ridge().name());
        settings.put("refit tokens", Long.toString(fit.tokens()));
        settings.put("texts", DescribedFile.of(texts));
        settings.put("text tokens", Long.toString(textTokens));
        settings.put("cut", cut.perLine() ? "lines" : "windows of " + cut.window());
        questions.describe(settings);
        settings.put("prompts", String.join(" | ", prompts));
    }
}
