package org.laco.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.laco.fit.Fit;

/**
 * Fits of spans that a search compares, as executors are told of them.
 *
 * @param fit how spans are fitted
 * @param most the most layers that are merged into one
 * @param low the lowest layer at which one starts
 */
record SpanTask(Fit fit, int most, int low) {
    /** Returns the same for the same fits. */
    byte[] encode() {
        ObjectNode node = Message.object();
        node.put("fit", fit.name())
                .put("rows", fit.batchRows())
                .put("perInput", fit.tokensPerInput())
                .put("most", most)
                .put("low", low);
        fit.calibration().ifPresent(sequences -> node.set("calibration", Sequences.encode(sequences)));
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    static SpanTask decode(byte[] encoded) {
        JsonNode node = Message.read(new String(encoded, StandardCharsets.UTF_8));
        Fit fit = Fit.named(node.get("fit").asText())
                .batchRows(node.get("rows").intValue())
                .tokensPerInput(node.get("perInput").intValue());
        return new SpanTask(
                node.has("calibration") ? fit.calibration(Sequences.decode((ArrayNode) node.get("calibration"))) : fit,
                node.get("most").intValue(),
                node.get("low").intValue());
    }
}
