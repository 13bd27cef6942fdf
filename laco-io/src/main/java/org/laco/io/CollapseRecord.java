package org.laco.io;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.laco.CollapseResult;
import org.laco.model.CausalModel;
import org.laco.search.CollapseStep;
import org.laco.stack.Calibration;

/**
 * The record of a collapse, the content of {@code laco.json}: settings, calibration, every step, the plan, and the hashes of all files
 * read and written. Two equal runs make equal records.
 */
public final class CollapseRecord {
    /** The record's name in a checkpoint's directory. */
    public static final String FILE_NAME = "laco.json";

    private static final String TRAINING = "training";

    private final ObjectNode content;

    private CollapseRecord(ObjectNode content) {
        this.content = content;
    }

    /**
     * Records what a search found, before anything is written.
     *
     * @param result the search's result on a {@link CausalModel}
     * @return the record, without hashes of files
     * @throws IOException if the version can't be read
     */
    public static CollapseRecord of(CollapseResult result) throws IOException {
        Json json = new Json();
        ObjectNode content = json.object();
        content.put("laco", version());
        if (result.original() instanceof CausalModel model) {
            content.put("arithmetic", model.arithmetic());
        }
        ObjectNode settings = content.putObject("settings");
        settings.put("search", result.settings().search());
        result.settings().parameters().forEach((name, value) -> settings.set(name, json.toNode(value)));
        settings.put("rule", result.settings().rule().name());
        settings.put("norms", result.settings().norms().label());
        putCalibration(content.putObject("calibration"), result.calibration());
        ArrayNode steps = content.putArray("steps");
        result.steps().forEach(step -> put(steps.addObject(), step));
        content.putObject("objective")
                .put("metric", result.objective().metric())
                .put("value", result.objective().value());
        content.put("similarity", result.similarity());
        content.set("measures", json.toNode(result.evaluation().figures()));
        content.set("perSequence", json.toNode(result.evaluation().similarity().perSequence()));
        content.set("layers", json.toNode(result.plan().sources()));
        content.set("plan", new PlanJson().encode(result.plan()));
        content.put("layersBefore", result.plan().originalSize());
        content.put("layersAfter", result.plan().size());
        if (result.original() instanceof CausalModel before && result.model() instanceof CausalModel after) {
            content.put("parametersBefore", before.parameterCount());
            content.put("parametersAfter", after.parameterCount());
            content.put("bytesBefore", bytes(before));
            content.put("bytesAfter", bytes(after));
        }
        return new CollapseRecord(content);
    }

    private static void put(ObjectNode node, CollapseStep step) {
        node.put("layer", step.layer());
        node.put("merged", step.merged());
        if (step.spans().size() > 1) {
            ArrayNode spans = node.putArray("spans");
            step.spans()
                    .forEach((layer, merged) ->
                            spans.addObject().put("layer", layer).put("merged", merged));
        }
        step.rule().ifPresent(rule -> node.put("rule", rule.name()));
        step.score()
                .ifPresentOrElse(
                        score -> node.put("metric", score.metric()).put("value", score.value()),
                        () -> node.putNull("value"));
        step.similarity()
                .ifPresentOrElse(similarity -> node.put("similarity", similarity), () -> node.putNull("similarity"));
        ArrayNode perSequence = node.putArray("perSequence");
        step.score().ifPresent(score -> {
            score.perSequence().forEach(perSequence::add);
            node.put("precision", score.precision().toString());
        });
        node.put("accepted", step.accepted());
        step.skipped().ifPresent(reason -> node.put("skipped", reason));
    }

    private static void putCalibration(ObjectNode node, Calibration calibration) {
        node.put("sha256", CalibrationHash.of(calibration));
        ArrayNode sequences = node.putArray("sequences");
        for (int i = 0; i < calibration.layout().count(); i++) {
            ArrayNode ids = sequences.addArray();
            for (int id : calibration.tokens(i)) {
                ids.add(id);
            }
        }
    }

    private static long bytes(CausalModel model) {
        return model.tensors().names().stream()
                .mapToLong(name -> model.tensors().tensor(name).byteLength())
                .sum();
    }

    /**
     * Returns the version of this library, which a record names.
     *
     * @return such as {@code 0.1.0}
     * @throws IOException if it can't be read
     */
    public static String version() throws IOException {
        try (InputStream in = CollapseRecord.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        }
    }

    /**
     * Adds what is to be known of a training, as a member {@code training}.
     *
     * @param training the training whose weights are in the plan
     * @return a record with it; that of a training before it is kept as its {@code before}
     */
    public CollapseRecord with(TrainingRecord training) {
        ObjectNode whole = content.deepCopy();
        ObjectNode added = training.toJson();
        if (whole.has(TRAINING)) {
            added.set("before", whole.get(TRAINING));
        }
        whole.set(TRAINING, added);
        return new CollapseRecord(whole);
    }

    /** Takes over how the layers were found, and trained before, from the record of the model that this one was made of. */
    CollapseRecord after(ObjectNode earlier) {
        ObjectNode whole = content.deepCopy();
        for (String key : new String[] {"settings", "steps", TRAINING}) {
            if (earlier.has(key)) {
                whole.set(key, earlier.get(key));
            }
        }
        return new CollapseRecord(whole);
    }

    /** Adds the hashes of the files read and written. */
    CollapseRecord with(FileHashes inputs, FileHashes outputs) {
        ObjectNode whole = content.deepCopy();
        inputs.hashes().forEach(whole.putObject("inputs")::put);
        outputs.hashes().forEach(whole.putObject("outputs")::put);
        return new CollapseRecord(whole);
    }

    /**
     * Returns the record as JSON.
     *
     * @return a copy
     */
    public ObjectNode toJson() {
        return content.deepCopy();
    }

    byte[] encode() throws IOException {
        return new Json().encode(content);
    }
}
