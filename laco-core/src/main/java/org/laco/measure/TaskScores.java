package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * A model's answers to the questions of several tasks, each task counting the same, and what share of an original's scores they keep.
 *
 * <pre>{@code
 * Map<String, ImmutableList<ChoiceItem>> tasks = ChoiceFile.readAll(Path.of("tasks"), checkpoint.tokenizer());
 * TaskScores before = TaskScores.measure(TokenLogProbabilities.of(original), tasks);
 * TaskScores after = TaskScores.measure(TokenLogProbabilities.of(collapsed), tasks);
 * after.mean(AccuracyMeasure.ACC);                       // 0.471
 * after.kept(before, AccuracyMeasure.ACC).ratioOfMeans();   // 0.880
 * }</pre>
 *
 * @param tasks the answers by the task's name
 */
public record TaskScores(ImmutableMap<String, MultipleChoice> tasks) {
    /** Checks that there is a task. */
    public TaskScores {
        checkArgument(!tasks.isEmpty(), "there is no task, expected at least one");
    }

    /**
     * Asks a model the questions of all tasks.
     *
     * @param model the model's log-probabilities
     * @param tasks the questions by the task's name
     * @return the answers in the same order
     * @throws IllegalArgumentException if there is no task, one has no question, or an id is not in the vocabulary
     */
    public static TaskScores measure(TokenLogProbabilities model, Map<String, ImmutableList<ChoiceItem>> tasks) {
        return measure(model, tasks, name -> {});
    }

    /**
     * Asks a model the questions of all tasks.
     *
     * @param model the model's log-probabilities
     * @param tasks the questions by the task's name
     * @param begun receives the name of each task before its questions are asked
     * @return the answers in the same order
     * @throws IllegalArgumentException if there is no task, one has no question, or an id is not in the vocabulary
     */
    public static TaskScores measure(
            TokenLogProbabilities model, Map<String, ImmutableList<ChoiceItem>> tasks, Consumer<String> begun) {
        ImmutableMap.Builder<String, MultipleChoice> answers = ImmutableMap.builder();
        tasks.forEach((name, items) -> {
            begun.accept(name);
            answers.put(name, MultipleChoice.measure(model, items));
        });
        return new TaskScores(answers.buildOrThrow());
    }

    /**
     * Returns the mean of the tasks' accuracies.
     *
     * @param measure how right answers are counted
     * @return the mean, from 0 to 1
     * @throws IllegalArgumentException if the measure needs texts that aren't known
     */
    public double mean(AccuracyMeasure measure) {
        return mean(answers -> measure.of(answers).value());
    }

    /**
     * Returns the standard error of {@link #mean}: √(Σ e²) by the number of tasks, e being each task's {@link Accuracy#standardError},
     * which are independent of one another.
     *
     * @param measure how right answers are counted
     * @return the error, in the unit of the mean; NaN if a task has one question only
     * @throws IllegalArgumentException if the measure needs texts that aren't known
     */
    public double meanStandardError(AccuracyMeasure measure) {
        double squares = tasks.values().stream()
                .mapToDouble(answers -> measure.of(answers).standardError())
                .map(error -> error * error)
                .sum();
        return Math.sqrt(squares) / tasks.size();
    }

    /**
     * Returns the mean over the tasks of what guessing gets right.
     *
     * @return the mean of {@link MultipleChoice#chance}
     */
    public double chance() {
        return mean(MultipleChoice::chance);
    }

    /**
     * Returns what share of an original's scores is kept.
     *
     * @param original its answers to the same tasks
     * @param measure how right answers are counted
     * @return the share by both ways
     * @throws IllegalArgumentException if the tasks, or the numbers of their questions, are others
     */
    public KeptShares kept(TaskScores original, AccuracyMeasure measure) {
        requireSameQuestions(original);
        return KeptShares.of(values(measure), original.values(measure));
    }

    /**
     * Returns what share is kept of that by which an original's scores are above chance.
     *
     * @param original its answers to the same tasks
     * @param measure how right answers are counted
     * @return the share by both ways
     * @throws IllegalArgumentException if the tasks, or the numbers of their questions, are others
     */
    public KeptShares keptAboveChance(TaskScores original, AccuracyMeasure measure) {
        requireSameQuestions(original);
        return KeptShares.aboveChance(values(measure), original.values(measure), each(MultipleChoice::chance));
    }

    /**
     * Returns what share of an original's score on one task is kept.
     *
     * @param original its answers to the same tasks
     * @param task the task's name
     * @param measure how right answers are counted
     * @return the score by the original's; NaN if that is 0
     * @throws IllegalArgumentException if the tasks, or the numbers of their questions, are others, or there is no such task
     */
    public double kept(TaskScores original, String task, AccuracyMeasure measure) {
        return KeptShares.share(
                value(task, measure), requireSameQuestions(original).value(task, measure));
    }

    /**
     * Returns what share is kept of that by which an original's score on one task is above chance.
     *
     * @param original its answers to the same tasks
     * @param task the task's name
     * @param measure how right answers are counted
     * @return the one difference by the other; NaN if the original is not above chance
     * @throws IllegalArgumentException if the tasks, or the numbers of their questions, are others, or there is no such task
     */
    public double keptAboveChance(TaskScores original, String task, AccuracyMeasure measure) {
        double before = requireSameQuestions(original).value(task, measure);
        double chance = answers(task).chance();
        return KeptShares.share(value(task, measure) - chance, before - chance);
    }

    private TaskScores requireSameQuestions(TaskScores original) {
        checkArgument(
                tasks.keySet().equals(original.tasks.keySet()),
                "the tasks are %s, but the original's are %s",
                tasks.keySet(),
                original.tasks.keySet());
        tasks.forEach((name, answers) -> checkArgument(
                answers.accuracy().items() == original.answers(name).accuracy().items(),
                "task %s: %s questions, but the original answered %s",
                name,
                answers.accuracy().items(),
                original.answers(name).accuracy().items()));
        return original;
    }

    private MultipleChoice answers(String task) {
        MultipleChoice answers = tasks.get(task);
        checkArgument(answers != null, "there is no task %s, expected one of %s", task, tasks.keySet());
        return answers;
    }

    private double value(String task, AccuracyMeasure measure) {
        return measure.of(answers(task)).value();
    }

    /** In the order of the names, which is the same in both of two. */
    private ImmutableDoubleArray values(AccuracyMeasure measure) {
        return ImmutableDoubleArray.copyOf(tasks.keySet().stream().sorted().mapToDouble(task -> value(task, measure)));
    }

    private ImmutableDoubleArray each(ToDoubleFunction<MultipleChoice> value) {
        return ImmutableDoubleArray.copyOf(
                tasks.keySet().stream().sorted().mapToDouble(task -> value.applyAsDouble(answers(task))));
    }

    private double mean(ToDoubleFunction<MultipleChoice> value) {
        return each(value).stream().average().orElseThrow();
    }
}
