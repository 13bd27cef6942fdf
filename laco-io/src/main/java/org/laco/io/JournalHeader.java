package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.util.Optional;
import org.laco.Journal;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;

/**
 * What the first line of a journal says: the version of its form and of this library, the model, the sequences, and all settings that a
 * score or a decision depends on.
 */
final class JournalHeader {
    static final int FORM = 1;
    private static final String INPUTS = "inputs";
    private static final String ABSENT = "absent";

    private final ObjectNode content;

    JournalHeader(ObjectNode content) {
        this.content = content;
    }

    static JournalHeader of(Checkpoint checkpoint, Journal.Subject subject) throws IOException {
        Json json = new Json();
        ObjectNode content = json.object();
        content.put("journal", FORM);
        content.put("laco", CollapseRecord.version());
        if (subject.model() instanceof CausalModel model) {
            content.put("arithmetic", model.arithmetic());
        }
        content.set(INPUTS, json.toNode(CheckpointIdentity.of(checkpoint)));
        content.put("calibration", hash(subject.calibration()));
        ObjectNode settings = content.putObject("settings");
        settings.put("search", subject.settings().search());
        subject.settings().parameters().forEach((name, value) -> settings.set(name, json.toNode(value)));
        settings.put("rule", subject.settings().rule().name());
        settings.put("norms", subject.settings().norms().label());
        settings.put("candidatesTogether", subject.scoring().batching().size());
        subject.scoring().batching().free().ifPresent(free -> settings.put("candidatesForOneRead", free));
        subject.fit().ifPresent(fit -> {
            settings.put("refit", fit.name());
            settings.put("refitTokensPerInput", fit.tokensPerInput());
            settings.put(
                    "refitCalibration",
                    fit.calibration().map(JournalHeader::hash).orElse("the search's"));
        });
        return new JournalHeader(content);
    }

    private static String hash(Calibration calibration) {
        return calibration.isTokens() ? "sha256 " + CalibrationHash.of(calibration) : "features";
    }

    JsonNode encode() {
        return content;
    }

    /** Says what another header has otherwise, as the rest of a sentence on it; empty if nothing is. */
    Optional<String> difference(JsonNode other) throws IOException {
        // Read back, since a number may be written otherwise than it was.
        return difference(new Json().readLine(content.toString()), other, "");
    }

    /**
     * Refuses a journal that began with another header.
     *
     * @param begun the header that it began with
     * @param what whose journal it would be then
     */
    void requireEqual(JsonNode begun, JournalFile file, String what) throws IOException {
        Optional<String> difference = difference(begun);
        if (difference.isPresent()) {
            throw new JournalMismatchException(file + " is the journal of " + what + ": " + difference.get()
                    + "; resume with what it began with, or remove the file to begin anew");
        }
    }

    /** Says what one of two headers has otherwise, or of two of its parts where there is a path. */
    static Optional<String> difference(JsonNode expected, JsonNode found, String path) {
        ImmutableSet<String> keys = ImmutableSet.<String>builder()
                .addAll(expected.fieldNames())
                .addAll(found.fieldNames())
                .build();
        for (String key : keys) {
            JsonNode wanted = expected.path(key);
            JsonNode there = found.path(key);
            if (wanted.isObject() && there.isObject()) {
                Optional<String> inside = difference(wanted, there, key);
                if (inside.isPresent()) {
                    return inside;
                }
            } else if (!shown(wanted).equals(shown(there))) {
                return Optional.of(
                        path.equals(INPUTS)
                                ? "the model's " + key + " is not the one that it began with"
                                : key + " is \"" + shown(wanted) + "\" now and was \"" + shown(there) + '"');
            }
        }
        return Optional.empty();
    }

    private static String shown(JsonNode node) {
        return node.isMissingNode() ? ABSENT : PlanValues.shown(node).replace("\"", "");
    }
}
