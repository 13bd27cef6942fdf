package org.laco.cli.command;

import com.google.common.base.Stopwatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.laco.CollapseResult;
import org.laco.cli.option.DescribedFile;
import org.laco.cli.option.TrainingOptions;
import org.laco.cli.progress.Progress;
import org.laco.cli.progress.TrainingProgress;
import org.laco.cli.report.TrainingReport;
import org.laco.io.Checkpoint;
import org.laco.io.TrainingFile;
import org.laco.io.TrainingRecord;
import org.laco.io.TrainingText;
import org.laco.output.LossCurve;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.train.PostTraining;
import org.laco.train.PostTrainingResult;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The training that a command was asked for: its texts, read and checked before anything long, and then the training itself. */
final class TrainingStage {
    /** What is trained. */
    interface Subject {
        PostTrainingResult train(PostTraining training, Calibration text) throws IOException;
    }

    /**
     * What became of it.
     *
     * @param result what it gave
     * @param record what the record says of it
     * @param report what it took
     */
    record Trained(PostTrainingResult result, TrainingRecord record, TrainingReport report) {}

    private final TrainingOptions options;
    private final PostTraining.Builder settings;
    private final TrainingText text;
    private final Optional<TrainingText> validation;

    private TrainingStage(
            TrainingOptions options,
            PostTraining.Builder settings,
            TrainingText text,
            Optional<TrainingText> validation) {
        this.options = options;
        this.settings = settings;
        this.text = text;
        this.validation = validation;
    }

    /** Reads the texts, and refuses what can be known to fail. */
    static TrainingStage open(
            TrainingOptions options, CommandSpec command, Checkpoint model, Optional<Checkpoint> original)
            throws IOException {
        PostTraining.Builder settings;
        try {
            settings = options.training();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
        options.check(model);
        TrainingText text = options.text(model, original);
        Optional<TrainingText> validation = options.validationText(model);
        validation.ifPresent(held -> settings.validation(held.tokens()));
        return new TrainingStage(options, settings, text, validation);
    }

    /** The settings and texts in a line, to tell a training from others. */
    String description() {
        return describe(text)
                + validation.map(held -> ", validated on " + describe(held)).orElse("") + ", "
                + settings.build().parameters();
    }

    private static String describe(TrainingText text) {
        return DescribedFile.of(text.file(), text.sha256());
    }

    /** Trains what a search found toward the original. */
    Trained run(CollapseResult found, Optional<TrainingFile> kept, Progress progress) throws IOException {
        return run(
                (training, tokens) -> training.run(LanguageStack.require(found.original()), found.plan(), tokens),
                kept,
                progress);
    }

    Trained run(Subject subject, Optional<TrainingFile> kept, Progress progress) throws IOException {
        Stopwatch watch = Stopwatch.createStarted();
        TrainingProgress shown = new TrainingProgress(progress);
        settings.listener(shown);
        kept.ifPresent(settings::store);
        PostTrainingResult result = subject.train(settings.build(), text.tokens());
        for (Path curve : options.curves()) {
            LossCurve.of(result).write(curve);
        }
        return new Trained(
                result,
                TrainingRecord.of(result, text, validation),
                new TrainingReport(result, text.file(), watch.elapsed(), shown.tokensPerSecond()));
    }
}
