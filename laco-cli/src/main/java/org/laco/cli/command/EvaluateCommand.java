package org.laco.cli.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Stopwatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.option.TextOptions;
import org.laco.cli.progress.Progress;
import org.laco.cli.report.PeakMemory;
import org.laco.cli.report.Quality;
import org.laco.cli.report.TaskScores;
import org.laco.io.Checkpoint;
import org.laco.io.Checkpoints;
import org.laco.measure.MeasureSettings;
import org.laco.measure.TokenLogProbabilities;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures how well a model predicts text and answers questions. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Measure perplexity on a text, and accuracy on questions of multiple choice.",
        footer = {
            "",
            "Examples:",
            "  laco evaluate SmolLM2-135M --text wiki.test.raw --max-tokens 20000",
            "  laco evaluate SmolLM2-135M --choices questions.jsonl --json",
            "  laco evaluate smaller --tasks tasks --against SmolLM2-135M"
        })
public final class EvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Parameters(index = "0", paramLabel = "MODEL", description = "The checkpoint's directory.")
    private Path source;

    @Mixin
    private TextOptions text;

    @Option(
            names = "--choices",
            paramLabel = "FILE",
            order = 22,
            description =
                    "JSON lines of {\"context\": …, \"choices\": […], \"answer\": 0}. The choice with the highest "
                            + "log-likelihood after the context is the model's answer.")
    private Path choices;

    @Option(
            names = "--tasks",
            paramLabel = "DIR",
            order = 23,
            description =
                    "A directory of tasks: each file that ends in .jsonl holds one task's questions, as --choices "
                            + "takes them. Prints a row a task, and their mean.")
    private Path tasks;

    @Option(
            names = "--against",
            paramLabel = "MODEL",
            order = 24,
            description = "With --tasks: the checkpoint of the original, to tell what share of its scores is kept.")
    private Path original;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        if (!text.isGiven() && choices == null && tasks == null) {
            throw new ParameterException(
                    command.commandLine(), "Missing required option: '--text', '--choices' or '--tasks'");
        }
        if (original != null && tasks == null) {
            throw new ParameterException(command.commandLine(), "'--against' needs '--tasks'");
        }
        Stopwatch watch = Stopwatch.createStarted();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        if (text.isGiven() || choices != null) {
            Quality quality = quality();
            quality.print(report.people());
            quality.encode(node);
        }
        if (tasks != null) {
            TaskScores scores = scores();
            scores.print(report.people());
            scores.encode(node);
        }
        if (report.json()) {
            node.put("seconds", watch.elapsed().toMillis() / 1000.0);
            PeakMemory.bytes().ifPresent(bytes -> node.put("peakMemoryBytes", bytes));
            report.program().println(node.toPrettyString());
        }
        return ExitCode.OK;
    }

    private Quality quality() throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(source);
                Progress progress = report.progress()) {
            TokenLogProbabilities probabilities = TokenLogProbabilities.of(
                    checkpoint.model(), MeasureSettings.defaults().withListener(progress::share));
            return new Quality(
                    text.measure(checkpoint, probabilities, progress),
                    choices == null
                            ? Optional.empty()
                            : Optional.of(Quality.answers(checkpoint, probabilities, choices, progress)));
        }
    }

    private TaskScores scores() throws IOException {
        try (Progress progress = report.progress()) {
            return TaskScores.measure(tasks, source, Optional.ofNullable(original), progress);
        }
    }
}
