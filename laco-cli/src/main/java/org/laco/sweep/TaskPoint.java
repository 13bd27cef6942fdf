package org.laco.sweep;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.laco.measure.Accuracy;
import org.laco.measure.KeptShares;
import org.laco.measure.MultipleChoice;
import org.laco.measure.TaskScores;

/**
 * The answers to the questions of one task, as lm-evaluation-harness counts them.
 *
 * @param items the number of questions
 * @param chance the share that guessing gets right
 * @param acc the share answered right
 * @param accNorm the same with each log-likelihood by the choice's length in characters, null if the texts aren't known
 */
record TaskPoint(int items, double chance, double acc, Double accNorm) {
    private static final ImmutableMap<String, Function<TaskPoint, Double>> FIGURES =
            ImmutableMap.of("acc", TaskPoint::acc, "accNorm", TaskPoint::accNorm);

    /** Takes the figures of all tasks. */
    static ImmutableMap<String, TaskPoint> of(TaskScores scores) {
        return ImmutableMap.copyOf(Maps.transformValues(scores.tasks(), TaskPoint::of));
    }

    private static TaskPoint of(MultipleChoice answers) {
        return new TaskPoint(
                answers.accuracy().items(),
                answers.chance(),
                answers.accuracy().value(),
                answers.accNorm().map(Accuracy::value).orElse(null));
    }

    /** Returns the mean of a figure over the tasks, nothing if there are no tasks or one has no such figure. */
    static Optional<Double> mean(Map<String, TaskPoint> tasks, Function<TaskPoint, Double> figure) {
        return tasks.isEmpty() || tasks.values().stream().map(figure).anyMatch(value -> value == null)
                ? Optional.empty()
                : Optional.of(tasks.values().stream()
                        .mapToDouble(figure::apply)
                        .average()
                        .orElseThrow());
    }

    /** Returns the standard error of that mean, each task's questions being drawn by themselves; nothing if a task has one question only. */
    static Optional<Double> standardError(Map<String, TaskPoint> tasks, Function<TaskPoint, Double> figure) {
        return mean(tasks, figure)
                .map(mean -> Math.sqrt(tasks.values().stream()
                                .mapToDouble(task -> variance(figure.apply(task), task.items()))
                                .sum())
                        / tasks.size())
                .filter(Double::isFinite);
    }

    private static double variance(double share, int items) {
        return share * (1 - share) / (items - 1);
    }

    /** Returns what shares of an original's scores are kept, by the figure's name; none of a figure that not both have. */
    static ImmutableMap<String, KeptShares> kept(Map<String, TaskPoint> tasks, Map<String, TaskPoint> originals) {
        ImmutableMap.Builder<String, KeptShares> shares = ImmutableMap.builder();
        FIGURES.forEach((name, figure) -> {
            if (comparable(tasks, originals, figure)) {
                ImmutableDoubleArray scores = values(tasks, figure::apply);
                ImmutableDoubleArray before = values(originals, figure::apply);
                shares.put(name, KeptShares.of(scores, before));
                shares.put(
                        name + "AboveChance", KeptShares.aboveChance(scores, before, values(tasks, TaskPoint::chance)));
            }
        });
        return shares.buildOrThrow();
    }

    private static boolean comparable(
            Map<String, TaskPoint> tasks, Map<String, TaskPoint> originals, Function<TaskPoint, Double> figure) {
        return tasks.keySet().equals(originals.keySet())
                && mean(tasks, figure).isPresent()
                && mean(originals, figure).isPresent();
    }

    private static ImmutableDoubleArray values(Map<String, TaskPoint> tasks, ToDoubleFunction<TaskPoint> figure) {
        return ImmutableDoubleArray.copyOf(
                tasks.keySet().stream().sorted().mapToDouble(name -> figure.applyAsDouble(tasks.get(name))));
    }
}
