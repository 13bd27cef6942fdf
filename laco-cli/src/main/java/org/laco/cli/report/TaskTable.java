package org.laco.cli.report;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.laco.measure.Accuracy;
import org.laco.measure.AccuracyMeasure;
import org.laco.measure.TaskScores;

/**
 * How well a model answers the questions of several tasks, a row a task, and what share of an original's scores that is, in per cent.
 *
 * @param scores of the model
 * @param original the scores of the model that it is compared with, if there is one
 */
public record TaskTable(TaskScores scores, Optional<TaskScores> original) {
    private static final String MEAN_OF_RATIOS = "mean of ratios";
    private static final String ABOVE_CHANCE = "above chance: ";

    /**
     * Prints the table.
     *
     * @param out where to print
     */
    public void print(PrintWriter out) {
        String form = "%-" + width("mean") + "s %9s %7s  %-12s %-12s %-12s";
        line(out, form, "task", "questions", "chance", "accuracy", "acc_norm", "acc_bytes");
        scores.tasks()
                .forEach((name, answers) -> line(
                        out,
                        form,
                        Stream.concat(
                                        Stream.of(name, answers.accuracy().items(), percent(answers.chance())),
                                        cells(measure -> withError(measure.of(answers))))
                                .toArray()));
        line(
                out,
                form,
                Stream.concat(
                                Stream.of("mean", "", percent(scores.chance())),
                                cells(measure -> withError(scores.mean(measure), scores.meanStandardError(measure))))
                        .toArray());
        original.ifPresent(before -> printKept(out, before));
        out.flush();
    }

    private void printKept(PrintWriter out, TaskScores before) {
        String form = "%-" + width(ABOVE_CHANCE + MEAN_OF_RATIOS) + "s  %-14s %-14s %-14s";
        out.println();
        line(out, form, "kept of the original", "accuracy", "acc_norm", "acc_bytes");
        for (String task : scores.tasks().keySet()) {
            row(
                    out,
                    form,
                    task,
                    measure -> percent(scores.kept(before, task, measure)) + " of "
                            + percent(measure.of(before.tasks().get(task)).value()));
        }
        row(
                out,
                form,
                MEAN_OF_RATIOS,
                measure -> percent(scores.kept(before, measure).meanOfRatios()));
        row(
                out,
                form,
                "ratio of means",
                measure -> percent(scores.kept(before, measure).ratioOfMeans()));
        row(
                out,
                form,
                ABOVE_CHANCE + MEAN_OF_RATIOS,
                measure -> percent(scores.keptAboveChance(before, measure).meanOfRatios()));
        row(
                out,
                form,
                ABOVE_CHANCE + "ratio of means",
                measure -> percent(scores.keptAboveChance(before, measure).ratioOfMeans()));
    }

    private int width(String atLeast) {
        return Stream.concat(Stream.of(atLeast), scores.tasks().keySet().stream())
                .mapToInt(String::length)
                .max()
                .orElseThrow();
    }

    private static Stream<String> cells(Function<AccuracyMeasure, String> cell) {
        return Arrays.stream(AccuracyMeasure.values()).map(cell);
    }

    private static void row(PrintWriter out, String form, String name, Function<AccuracyMeasure, String> cell) {
        line(out, form, Stream.concat(Stream.of(name), cells(cell)).toArray());
    }

    private static void line(PrintWriter out, String form, Object... cells) {
        out.println(String.format(Locale.ROOT, form, cells).stripTrailing());
    }

    private static String withError(Accuracy accuracy) {
        return withError(accuracy.value(), accuracy.standardError());
    }

    private static String withError(double value, double error) {
        return Double.isNaN(error) ? percent(value) : percent(value) + " ± " + percent(error);
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f", 100 * share);
    }
}
