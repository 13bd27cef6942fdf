package org.laco.io;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import org.laco.train.PostTrainingResult;
import org.laco.train.ValidationLoss;

/** What a record says of a training: settings, texts, and the course of the validation loss. Times aren't in it. */
public final class TrainingRecord {
    private final ObjectNode content;

    private TrainingRecord(ObjectNode content) {
        this.content = content;
    }

    /**
     * Records a training.
     *
     * @param result what it gave
     * @param text the text that was trained on
     * @param validation the text on which the loss was measured, empty if it was a part of the first
     * @return the record
     */
    public static TrainingRecord of(PostTrainingResult result, TrainingText text, Optional<TrainingText> validation) {
        Json json = new Json();
        ObjectNode content = json.object();
        ObjectNode settings = content.putObject("settings");
        result.settings().forEach((name, value) -> settings.set(name, json.toNode(value)));
        put(content.putObject("text"), text);
        validation.ifPresent(other -> put(content.putObject("validationText"), other));
        content.put("tokens", result.tokens())
                .put("parameters", result.parameters())
                .put("improved", result.improved())
                .put("lossBefore", result.lossBefore())
                .put("lossAfter", result.lossAfter());
        ArrayNode validations = content.putArray("validations");
        for (ValidationLoss measured : result.validations()) {
            validations
                    .addObject()
                    .put("step", measured.step())
                    .put("loss", measured.loss())
                    .put("best", measured.best());
        }
        return new TrainingRecord(content);
    }

    private static void put(ObjectNode node, TrainingText text) {
        node.put("file", text.file()).put("sha256", text.sha256());
    }

    /**
     * Adds the original's hashes, where it isn't the model that the record's {@code inputs} are of.
     *
     * @param hashes the SHA-256 of each of its files by name
     * @return the record with them
     */
    public TrainingRecord withOriginal(Map<String, String> hashes) {
        ObjectNode whole = content.deepCopy();
        ObjectNode original = whole.putObject("original");
        hashes.forEach(original::put);
        return new TrainingRecord(whole);
    }

    /**
     * Returns the record as JSON.
     *
     * @return a copy
     */
    public ObjectNode toJson() {
        return content.deepCopy();
    }
}
