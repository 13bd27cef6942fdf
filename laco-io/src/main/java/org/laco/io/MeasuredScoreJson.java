package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.laco.evaluate.Sample;
import org.laco.search.MeasuredScore;

/** Scores with what they are found by, as JSON; numbers are kept bit by bit. */
final class MeasuredScoreJson {
    private final Json json = new Json();
    private final PlanJson plans = new PlanJson();

    JsonNode encode(MeasuredScore score) {
        ObjectNode node = json.object();
        node.put("by", score.metric());
        node.put("tolerance", Double.toHexString(score.tolerance()));
        score.sample().ifPresent(sample -> node.put("rows", sample.rows()).put("tokens", sample.tokens()));
        node.put("kind", score.kind().name());
        score.fit().ifPresent(fit -> node.put("fit", fit));
        node.set("plan", plans.encode(score.plan()));
        ScoreJson.encode(score.score(), node.putObject("score"));
        return node;
    }

    /** Reads what {@link #encode} wrote; anything else is refused by an {@link IllegalArgumentException}. */
    ImmutableList<MeasuredScore> decode(List<JsonNode> nodes) {
        return nodes.stream().map(this::decode).collect(ImmutableList.toImmutableList());
    }

    private MeasuredScore decode(JsonNode node) {
        return new MeasuredScore(
                node.path("by").asText(),
                Double.parseDouble(node.path("tolerance").asText()),
                node.has("rows")
                        ? Optional.of(new Sample(
                                node.path("rows").asInt(), node.path("tokens").asInt()))
                        : Optional.empty(),
                MeasuredScore.Kind.valueOf(node.path("kind").asText()),
                node.has("fit") ? Optional.of(node.path("fit").asText()) : Optional.empty(),
                plans.decode(node.path("plan")),
                ScoreJson.decode(node.path("score")));
    }
}
