package org.laco.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.laco.fit.Fit;

/**
 * Fits as executors are told of them: of spans that a search compares, or of a plan.
 *
 * @param fit how spans or the plan are fitted
 * @param most the most layers of a span that are merged into one
 */
record SpanTask(Fit fit, int most) {
    /** Returns the same for the same fits. */
    byte[] encode() {
        ObjectNode node = Message.object();
        node.put("fit", fit.name())
                .put("rows", fit.batchRows())
                .put("perInput", fit.tokensPerInput())
                .put("most", most);
        fit.calibration().ifPresent(sequences -> node.set("calibration", Sequences.encode(sequences)));
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Decodes a task.
     *
     * @param known fits that were decoded before, to which this one's is added: sequences are equal only to themselves
     */
    static SpanTask decode(byte[] encoded, Map<JsonNode, Fit> known) {
        ObjectNode node = (ObjectNode) Message.read(new String(encoded, StandardCharsets.UTF_8));
        int most = node.remove("most").intValue();
        return new SpanTask(known.computeIfAbsent(node, SpanTask::fit), most);
    }

    private static Fit fit(JsonNode node) {
        Fit fit = Fit.named(node.get("fit").asText())
                .batchRows(node.get("rows").intValue())
                .tokensPerInput(node.get("perInput").intValue());
        return node.has("calibration") ? fit.calibration(Sequences.decode((ArrayNode) node.get("calibration"))) : fit;
    }
}
