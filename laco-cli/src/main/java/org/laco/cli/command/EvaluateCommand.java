package org.laco.cli.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Stopwatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.laco.cli.option.ModelConverter;
import org.laco.cli.option.PromptOptions;
import org.laco.cli.option.QuestionOptions;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.option.TextOptions;
import org.laco.cli.progress.Progress;
import org.laco.cli.report.GeneratedTexts;
import org.laco.cli.report.GenerationReport;
import org.laco.cli.report.PeakMemory;
import org.laco.cli.report.Quality;
import org.laco.cli.report.TaskReport;
import org.laco.cli.report.TaskTable;
import org.laco.io.Checkpoint;
import org.laco.io.Checkpoints;
import org.laco.measure.MeasureSettings;
import org.laco.measure.MultipleChoice;
import org.laco.measure.Perplexity;
import org.laco.measure.TaskScores;
import org.laco.measure.TokenLogProbabilities;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures how well a model predicts text and answers questions, and what it generates. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header =
                "Measure perplexity on a text, accuracy on questions of multiple choice, and repetition in what is generated.",
        footer = {
            "",
            "Examples:",
            "  laco evaluate SmolLM2-135M --text wiki.test.raw --text-tokens 20000",
            "  laco evaluate SmolLM2-135M --choices questions.jsonl --json",
            "  laco evaluate smaller --tasks tasks --against SmolLM2-135M",
            "  laco evaluate smaller --prompts prompts.txt --against SmolLM2-135M"
        })
public final class EvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            converter = ModelConverter.class,
            description = "The checkpoint's directory or id.")
    private Path source;

    @Mixin
    private TextOptions text;

    @Mixin
    private QuestionOptions questions;

    @Option(
            names = "--log-likelihoods",
            order = 25,
            description = "With --json: also the log-likelihood of each choice of each question.")
    private boolean logLikelihoods;

    @Mixin
    private PromptOptions prompts;

    @Option(
            names = "--against",
            paramLabel = "MODEL",
            converter = ModelConverter.class,
            order = 40,
            description =
                    "With --tasks or --prompts: the checkpoint of the original, to tell what share of its scores is "
                            + "kept, and how far it goes on alike.")
    private Path original;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        checkOptions();
        Stopwatch watch = Stopwatch.createStarted();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        if (text.isGiven() || questions.hasChoices()) {
            Quality quality = quality();
            quality.print(report.people());
            quality.encode(node);
        }
        if (questions.hasTasks()) {
            tasks(node);
        }
        if (prompts.isGiven()) {
            generate(node);
        }
        if (report.json()) {
            node.put("seconds", watch.elapsed().toMillis() / 1000.0);
            PeakMemory.bytes().ifPresent(bytes -> node.put("peakMemoryBytes", bytes));
            report.program().println(node.toPrettyString());
        }
        return ExitCode.OK;
    }

    private void checkOptions() {
        questions.check();
        if (logLikelihoods) {
            questions.require("--log-likelihoods");
        }
        prompts.check();
        if (!text.isGiven() && !questions.hasChoices() && !questions.hasTasks() && !prompts.isGiven()) {
            throw new ParameterException(
                    command.commandLine(), "Missing required option: '--text', '--choices', '--tasks' or '--prompts'");
        }
        if (original != null && !questions.hasTasks() && !prompts.isGiven()) {
            throw new ParameterException(command.commandLine(), "'--against' needs '--tasks' or '--prompts'");
        }
    }

    private Quality quality() throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(source);
                Progress progress = report.progress()) {
            TokenLogProbabilities probabilities = TokenLogProbabilities.of(
                    checkpoint.model(), MeasureSettings.defaults().withListener(progress::share));
            Optional<Perplexity> perplexity = text.measure(checkpoint, probabilities, progress);
            Optional<MultipleChoice> answers = Optional.empty();
            if (questions.hasChoices()) {
                progress.phase("multiple choice");
                answers = Optional.of(MultipleChoice.measure(probabilities, questions.choices(checkpoint.tokenizer())));
            }
            return new Quality(perplexity, answers, logLikelihoods);
        }
    }

    private void tasks(ObjectNode node) throws IOException {
        TaskScores scores;
        Optional<TaskScores> before;
        try (Progress progress = report.progress()) {
            TaskMeasure measure = new TaskMeasure(questions, progress);
            scores = measure.measure(source);
            before = original == null ? Optional.empty() : Optional.of(measure.measure(original));
        }
        new TaskTable(scores, before).print(report.people());
        new TaskReport(scores, before, logLikelihoods).encode(node);
    }

    private void generate(ObjectNode node) throws IOException {
        GenerationReport generated;
        try (Progress progress = report.progress()) {
            GenerationMeasure measure = new GenerationMeasure(prompts, progress);
            GeneratedTexts texts = measure.measure(source);
            generated = new GenerationReport(
                    texts, original == null ? Optional.empty() : Optional.of(measure.measure(original)));
        }
        generated.print(report.people());
        generated.encode(node);
    }
}
