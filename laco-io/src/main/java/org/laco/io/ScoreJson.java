package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.OptionalDouble;
import org.laco.base.Internal;
import org.laco.measure.Score;
import org.laco.tensor.Precision;

/** Scores as JSON that are read back bit by bit: numbers are hexadecimal, as Java writes them. */
@Internal
public final class ScoreJson {
    private static final String SIMILARITY = "similarity";

    private ScoreJson() {}

    /**
     * Encodes a score.
     *
     * @param score the score
     * @param node receives it
     */
    public static void encode(Score score, ObjectNode node) {
        node.put("metric", score.metric());
        node.put("value", Double.toHexString(score.value()));
        ArrayNode perSequence = node.putArray("perSequence");
        score.perSequence().forEach(value -> perSequence.add(Double.toHexString(value)));
        node.put("precision", score.precision().toString());
        score.similarity().ifPresent(similarity -> node.put(SIMILARITY, Double.toHexString(similarity)));
    }

    /**
     * Reads a score.
     *
     * @param node what {@link #encode} wrote
     * @return the score, to the last bit
     * @throws IllegalArgumentException if it is anything else
     */
    public static Score decode(JsonNode node) {
        ImmutableList.Builder<Double> perSequence = ImmutableList.builder();
        node.path("perSequence").forEach(value -> perSequence.add(number(value)));
        return new Score(
                node.path("metric").asText(),
                number(node.path("value")),
                perSequence.build(),
                Precision.named(node.path("precision").asText()),
                node.has(SIMILARITY) ? OptionalDouble.of(number(node.path(SIMILARITY))) : OptionalDouble.empty());
    }

    private static double number(JsonNode node) {
        return Double.parseDouble(node.asText());
    }
}
