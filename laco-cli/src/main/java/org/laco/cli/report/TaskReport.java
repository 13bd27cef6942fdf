package org.laco.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.laco.measure.AccuracyMeasure;
import org.laco.measure.KeptShares;
import org.laco.measure.MultipleChoice;
import org.laco.measure.TaskScores;

/**
 * How well a model answers the questions of several tasks, and what share of an original's scores that is, as JSON.
 *
 * @param scores of the model
 * @param original the scores of the model that it is compared with, if there is one
 * @param logLikelihoods whether the JSON has those of all choices
 */
public record TaskReport(TaskScores scores, Optional<TaskScores> original, boolean logLikelihoods) {
    private static final ImmutableMap<AccuracyMeasure, String> KEYS = ImmutableMap.of(
            AccuracyMeasure.ACC,
            "accuracy",
            AccuracyMeasure.ACC_NORM,
            "accNorm",
            AccuracyMeasure.ACC_BYTES,
            "accBytes");
    private static final String ABOVE_CHANCE = "AboveChance";

    /**
     * Puts the tasks into an object.
     *
     * @param node the object
     */
    public void encode(ObjectNode node) {
        ArrayNode rows = node.putArray("tasks");
        scores.tasks().forEach((name, answers) -> encode(name, answers, rows.addObject()));
        ObjectNode mean = node.putObject("mean").put("chance", scores.chance());
        KEYS.forEach((measure, key) -> {
            JsonNumber.put(mean, key, scores.mean(measure));
            JsonNumber.put(
                    mean,
                    measure == AccuracyMeasure.ACC ? "standardError" : key + "StandardError",
                    scores.meanStandardError(measure));
        });
        original.ifPresent(before -> {
            ObjectNode kept = node.putObject("kept");
            KEYS.forEach((measure, key) -> {
                JsonNumber.put(mean, key + "OfOriginal", before.mean(measure));
                encode(kept.putObject(key), scores.kept(before, measure));
                encode(kept.putObject(key + ABOVE_CHANCE), scores.keptAboveChance(before, measure));
            });
        });
    }

    private void encode(String name, MultipleChoice answers, ObjectNode row) {
        row.put("task", name);
        quality(answers).encode(row);
        original.ifPresent(before -> {
            quality(before.tasks().get(name)).encode(row.putObject("original"));
            ObjectNode kept = row.putObject("kept");
            KEYS.forEach((measure, key) -> {
                JsonNumber.put(kept, key, scores.kept(before, name, measure));
                JsonNumber.put(kept, key + ABOVE_CHANCE, scores.keptAboveChance(before, name, measure));
            });
        });
    }

    private Quality quality(MultipleChoice answers) {
        return new Quality(Optional.empty(), Optional.of(answers), logLikelihoods);
    }

    private static void encode(ObjectNode node, KeptShares kept) {
        JsonNumber.put(node, "meanOfRatios", kept.meanOfRatios());
        JsonNumber.put(node, "ratioOfMeans", kept.ratioOfMeans());
    }
}
