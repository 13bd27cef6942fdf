package org.laco.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.laco.cli.progress.Progress;
import org.laco.io.Checkpoint;
import org.laco.io.Checkpoints;
import org.laco.io.ChoiceFile;
import org.laco.measure.Accuracy;
import org.laco.measure.MeasureSettings;
import org.laco.measure.MultipleChoice;
import org.laco.measure.TokenLogProbabilities;

/** How well a model answers the questions of several tasks, a row a task, and what share of an original's scores that is. */
public final class TaskScores {
    private final ImmutableList<TaskScore> tasks;

    TaskScores(List<TaskScore> tasks) {
        this.tasks = ImmutableList.copyOf(tasks);
    }

    /**
     * Asks a model the questions of all tasks, and then the model that it is compared with.
     *
     * @param directory where each file that ends in {@code .jsonl} is a task, named as the file is
     * @param source the model
     * @param original the model that it is compared with
     * @param progress shows how it goes on
     * @return the answers, in the order of the tasks' names
     * @throws IOException if a file can't be read, or there is none
     */
    public static TaskScores measure(Path directory, Path source, Optional<Path> original, Progress progress)
            throws IOException {
        ImmutableList<Path> files = files(directory);
        List<MultipleChoice> answers = answers(files, source, progress);
        List<MultipleChoice> before =
                original.isPresent() ? answers(files, original.get(), progress) : ImmutableList.of();
        ImmutableList.Builder<TaskScore> tasks = ImmutableList.builder();
        for (int i = 0; i < files.size(); i++) {
            tasks.add(new TaskScore(
                    MoreFiles.getNameWithoutExtension(files.get(i)),
                    answers.get(i),
                    before.isEmpty() ? Optional.empty() : Optional.of(before.get(i))));
        }
        return new TaskScores(tasks.build());
    }

    private static ImmutableList<Path> files(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is no directory, expected one with a .jsonl file a task");
        }
        try (Stream<Path> entries = Files.list(directory)) {
            ImmutableList<Path> files = entries.filter(
                            file -> file.getFileName().toString().endsWith(".jsonl"))
                    .sorted()
                    .collect(ImmutableList.toImmutableList());
            if (files.isEmpty()) {
                throw new IOException(directory + " holds no .jsonl file, expected one a task");
            }
            return files;
        }
    }

    private static List<MultipleChoice> answers(List<Path> files, Path source, Progress progress) throws IOException {
        ImmutableList.Builder<MultipleChoice> answers = ImmutableList.builder();
        try (Checkpoint checkpoint = Checkpoints.open(source)) {
            TokenLogProbabilities probabilities = TokenLogProbabilities.of(
                    checkpoint.model(), MeasureSettings.defaults().withListener(progress::share));
            for (Path file : files) {
                progress.phase(file.getFileName() + ", " + source.getFileName());
                answers.add(MultipleChoice.measure(probabilities, ChoiceFile.read(file, checkpoint.tokenizer())));
            }
        }
        return answers.build();
    }

    private double[] each(ToDoubleFunction<TaskScore> value) {
        return tasks.stream().mapToDouble(value).toArray();
    }

    private double mean(ToDoubleFunction<TaskScore> value) {
        return tasks.stream().mapToDouble(value).average().orElseThrow();
    }

    /** The standard error of the mean over the tasks, each task's error being independent of the others'. */
    private double meanError(TaskScore.Measure measure) {
        double squares = tasks.stream()
                .mapToDouble(task -> task.accuracy(measure).standardError())
                .map(error -> error * error)
                .sum();
        return Math.sqrt(squares) / tasks.size();
    }

    private double chance() {
        return mean(task -> task.answers().chance());
    }

    private boolean compares() {
        return tasks.get(0).original().isPresent();
    }

    private KeptShares kept(TaskScore.Measure measure) {
        return KeptShares.of(each(task -> task.value(measure)), each(task -> task.originalValue(measure)));
    }

    private KeptShares keptAboveChance(TaskScore.Measure measure) {
        return KeptShares.aboveChance(
                each(task -> task.value(measure)),
                each(task -> task.originalValue(measure)),
                each(task -> task.answers().chance()));
    }

    /**
     * Prints the table.
     *
     * @param out where to print
     */
    public void print(PrintWriter out) {
        int width = Math.max(
                4, tasks.stream().mapToInt(task -> task.name().length()).max().orElseThrow());
        String form = "%-" + width + "s %9s %7s  %-12s %-12s";
        String compared = compares() ? "  %8s %6s  %8s %6s" : "";
        out.printf(
                form + compared + "%n",
                "task",
                "questions",
                "chance",
                "accuracy",
                "acc_norm",
                "original",
                "kept",
                "original",
                "kept");
        for (TaskScore task : tasks) {
            out.printf(
                    form,
                    task.name(),
                    task.answers().accuracy().items(),
                    percent(task.answers().chance()),
                    withError(task.accuracy(TaskScore.Measure.ACCURACY)),
                    withError(task.accuracy(TaskScore.Measure.ACC_NORM)));
            if (compares()) {
                out.printf(compared, original(task).toArray());
            }
            out.println();
        }
        out.printf(
                form + "%n",
                "mean",
                "",
                percent(chance()),
                withError(mean(task -> task.value(TaskScore.Measure.ACCURACY)), meanError(TaskScore.Measure.ACCURACY)),
                withError(mean(task -> task.value(TaskScore.Measure.ACC_NORM)), meanError(TaskScore.Measure.ACC_NORM)));
        if (compares()) {
            print(out, "accuracy", TaskScore.Measure.ACCURACY);
            print(out, "acc_norm", TaskScore.Measure.ACC_NORM);
        }
        out.flush();
    }

    private static List<String> original(TaskScore task) {
        ImmutableList.Builder<String> cells = ImmutableList.builder();
        for (TaskScore.Measure measure : TaskScore.Measure.values()) {
            cells.add(percent(task.originalValue(measure)));
            cells.add(percent(KeptShares.share(task.value(measure), task.originalValue(measure))));
        }
        return cells.build();
    }

    private void print(PrintWriter out, String name, TaskScore.Measure measure) {
        KeptShares kept = kept(measure);
        KeptShares above = keptAboveChance(measure);
        out.printf(
                "%s kept: %s as the mean of ratios, %s as the ratio of means; above chance: %s and %s%n",
                name,
                percentSign(kept.meanOfRatios()),
                percentSign(kept.ratioOfMeans()),
                percentSign(above.meanOfRatios()),
                percentSign(above.ratioOfMeans()));
    }

    private static String withError(Accuracy accuracy) {
        return withError(accuracy.value(), accuracy.standardError());
    }

    private static String withError(double value, double error) {
        return Double.isNaN(error) ? percent(value) : percent(value) + " ± " + percent(error);
    }

    private static String percentSign(double share) {
        return Double.isNaN(share) ? percent(share) : percent(share) + " %";
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    /**
     * Puts the tasks into an object.
     *
     * @param node the object
     */
    public void encode(ObjectNode node) {
        ArrayNode rows = node.putArray("tasks");
        for (TaskScore task : tasks) {
            ObjectNode row = rows.addObject().put("task", task.name());
            answers(task.answers()).encode(row);
            task.original().ifPresent(original -> {
                answers(original).encode(row.putObject("original"));
                ObjectNode kept = row.putObject("kept");
                for (TaskScore.Measure measure : TaskScore.Measure.values()) {
                    double chance = task.answers().chance();
                    double value = task.value(measure);
                    double before = task.originalValue(measure);
                    put(kept, measure.key(), KeptShares.share(value, before));
                    put(kept, measure.key() + "AboveChance", KeptShares.share(value - chance, before - chance));
                }
            });
        }
        ObjectNode mean = node.putObject("mean").put("chance", chance());
        for (TaskScore.Measure measure : TaskScore.Measure.values()) {
            put(mean, measure.key(), mean(task -> task.value(measure)));
            put(mean, measure.errorKey(), meanError(measure));
        }
        if (compares()) {
            ObjectNode kept = node.putObject("kept");
            for (TaskScore.Measure measure : TaskScore.Measure.values()) {
                put(mean, measure.key() + "OfOriginal", mean(task -> task.originalValue(measure)));
                encode(kept.putObject(measure.key()), kept(measure));
                encode(kept.putObject(measure.key() + "AboveChance"), keptAboveChance(measure));
            }
        }
    }

    private static Quality answers(MultipleChoice answers) {
        return new Quality(Optional.empty(), Optional.of(answers));
    }

    private static void encode(ObjectNode node, KeptShares kept) {
        put(node, "meanOfRatios", kept.meanOfRatios());
        put(node, "ratioOfMeans", kept.ratioOfMeans());
    }

    /** Puts a number in; null where there is none, as JSON knows no NaN. */
    private static void put(ObjectNode node, String name, double value) {
        node.put(name, Double.isNaN(value) ? null : (Double) value);
    }
}
