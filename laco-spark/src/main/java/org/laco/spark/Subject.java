package org.laco.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import java.util.OptionalInt;
import org.laco.evaluate.Batching;
import org.laco.evaluate.EvaluatorSettings;
import org.laco.evaluate.Screening;
import org.laco.stack.Calibration;
import org.laco.tensor.Precision;

/**
 * What executors compute for: the model, the sequences and how candidates are scored.
 *
 * @param location where the checkpoint is
 * @param identity what tells it from others
 * @param arithmetic the name of what computes on the driver
 * @param threads in how many threads an executor computes
 * @param calibration the sequences
 * @param settings how candidates are scored
 * @param need the bytes that it takes beside the mapped weights
 * @param memory the bytes that an executor may keep for this and other subjects, 0 for those of one subject alone
 */
record Subject(
        String location,
        ImmutableMap<String, String> identity,
        String arithmetic,
        int threads,
        Calibration calibration,
        EvaluatorSettings settings,
        long need,
        long memory) {
    /** Returns the same for the same subject. */
    String encode() {
        ObjectNode node = Message.object();
        node.put("location", location);
        ObjectNode files = node.putObject("identity");
        identity.forEach(files::put);
        node.put("arithmetic", arithmetic).put("threads", threads);
        node.set("calibration", Sequences.encode(calibration));
        node.set("metric", MetricName.encode(settings.metric()));
        node.put("together", settings.batching().size());
        settings.batching().free().ifPresent(free -> node.put("free", free));
        settings.screening()
                .ifPresent(screening ->
                        node.put("screening", screening.precision().toString()).put("margin", screening.margin()));
        return node.put("need", need).put("memory", memory).toString();
    }

    static Subject decode(String encoded) {
        JsonNode node = Message.read(encoded);
        ImmutableMap.Builder<String, String> identity = ImmutableMap.builder();
        node.get("identity")
                .properties()
                .forEach(file -> identity.put(file.getKey(), file.getValue().asText()));
        Batching batching = new Batching(
                node.get("together").intValue(),
                node.has("free") ? OptionalInt.of(node.get("free").intValue()) : OptionalInt.empty());
        Optional<Screening> screening = node.has("screening")
                ? Optional.of(new Screening(
                        Precision.named(node.get("screening").asText()),
                        node.get("margin").doubleValue()))
                : Optional.empty();
        return new Subject(
                node.get("location").asText(),
                identity.buildOrThrow(),
                node.get("arithmetic").asText(),
                node.get("threads").intValue(),
                Sequences.decode((ArrayNode) node.get("calibration")),
                new EvaluatorSettings(MetricName.decode(node.get("metric")), batching, screening),
                node.get("need").longValue(),
                node.get("memory").longValue());
    }
}
