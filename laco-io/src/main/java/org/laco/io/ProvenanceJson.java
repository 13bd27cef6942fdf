package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.Stream;
import org.laco.plan.ClosedForm;
import org.laco.plan.Provenance;
import org.laco.plan.Training;

/** What made a fitted weight, as members of the weight's JSON object. */
final class ProvenanceJson {
    private ProvenanceJson() {}

    static void encode(Provenance provenance, ObjectNode node) {
        node.put("method", provenance.method());
        if (provenance instanceof ClosedForm fit) {
            node.put("ridge", fit.ridge());
            // A whole step is what plans without the key have.
            if (fit.step() != 1) {
                node.put("step", fit.step());
            }
            node.put("errorBefore", fit.errorBefore()).put("errorAfter", fit.errorAfter());
        }
        if (provenance instanceof Training training) {
            node.put("tokens", training.tokens())
                    .put("lossBefore", training.lossBefore())
                    .put("lossAfter", training.lossAfter());
        }
    }

    static Provenance decode(JsonNode node, String path) {
        if (areNumbers(node, "ridge", "errorBefore", "errorAfter") && isStep(node.path("step"))) {
            PlanValues.requireKeys(node, path, "method", "ridge", "step", "errorBefore", "errorAfter", "sha256");
            return new ClosedForm(
                    PlanValues.text(node, "method", "ridge", path),
                    node.get("ridge").doubleValue(),
                    node.path("step").asDouble(1),
                    node.get("errorBefore").doubleValue(),
                    node.get("errorAfter").doubleValue());
        }
        if (node.path("method").isTextual()
                && node.path("tokens").canConvertToExactIntegral()
                && areNumbers(node, "lossBefore", "lossAfter")) {
            PlanValues.requireKeys(node, path, "method", "tokens", "lossBefore", "lossAfter", "sha256");
            return new Training(
                    node.get("method").textValue(),
                    node.get("tokens").longValue(),
                    node.get("lossBefore").doubleValue(),
                    node.get("lossAfter").doubleValue());
        }
        throw unreadable(node, path);
    }

    static IllegalArgumentException unreadable(JsonNode node, String path) {
        return new IllegalArgumentException(
                path + " is " + PlanValues.shown(node)
                        + ", expected sha256 and either ridge, errorBefore and errorAfter, or method, tokens, lossBefore and lossAfter");
    }

    private static boolean isStep(JsonNode step) {
        return step.isMissingNode() || step.isNumber() && step.doubleValue() > 0 && Double.isFinite(step.doubleValue());
    }

    private static boolean areNumbers(JsonNode node, String... keys) {
        return Stream.of(keys)
                .allMatch(key -> node.path(key).isNumber()
                        && Double.isFinite(node.get(key).doubleValue()));
    }
}
