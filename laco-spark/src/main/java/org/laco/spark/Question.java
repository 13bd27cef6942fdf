package org.laco.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.laco.evaluate.Sample;
import org.laco.plan.CollapsePlan;

/**
 * A task: plans to score together, as one machine would.
 *
 * @param kind how
 * @param base the encoded plan whose hidden states are kept, empty for the original
 * @param sample the part of the sequences to score on, empty for all
 * @param plans the encoded plans
 * @param spans for fitted spans, what starts where
 */
record Question(
        Kind kind,
        Optional<JsonNode> base,
        Optional<Sample> sample,
        ImmutableList<JsonNode> plans,
        Optional<Start> spans) {
    enum Kind {
        CONFIRM,
        SCREEN,
        FIT
    }

    /**
     * Spans that start at one layer.
     *
     * @param layer the layer
     * @param merged for each plan the number of layers merged into the lowest
     * @param wanted the numbers of the plans to score
     * @param task the number of what was sent of the fits
     */
    record Start(int layer, ImmutableList<Integer> merged, ImmutableList<Integer> wanted, int task) {}

    static Question ofPlans(
            Kind kind, Optional<CollapsePlan> base, Optional<Sample> sample, List<CollapsePlan> plans, SentPlans sent) {
        return new Question(kind, base.map(sent::encode), sample, encoded(plans, sent), Optional.empty());
    }

    static Question ofSpans(
            Optional<CollapsePlan> base,
            Optional<Sample> sample,
            List<CollapsePlan> plans,
            Start spans,
            SentPlans sent) {
        return new Question(Kind.FIT, base.map(sent::encode), sample, encoded(plans, sent), Optional.of(spans));
    }

    private static ImmutableList<JsonNode> encoded(List<CollapsePlan> plans, SentPlans sent) {
        return plans.stream().map(sent::encode).collect(ImmutableList.toImmutableList());
    }

    String encode() {
        ObjectNode node = Message.object();
        node.put("kind", kind.name());
        base.ifPresent(plan -> node.set("base", plan));
        sample.ifPresent(some -> node.put("rows", some.rows()).put("tokens", some.tokens()));
        node.putArray("plans").addAll(plans);
        spans.ifPresent(start -> {
            node.put("layer", start.layer()).put("task", start.task());
            ArrayNode merged = node.putArray("merged");
            start.merged().forEach(merged::add);
            ArrayNode wanted = node.putArray("wanted");
            start.wanted().forEach(wanted::add);
        });
        return node.toString();
    }

    static Question decode(String encoded) {
        JsonNode node = Message.read(encoded);
        OptionalInt layer = node.has("layer") ? OptionalInt.of(node.get("layer").intValue()) : OptionalInt.empty();
        return new Question(
                Kind.valueOf(node.get("kind").asText()),
                Optional.ofNullable(node.get("base")),
                node.has("rows")
                        ? Optional.of(new Sample(
                                node.get("rows").intValue(), node.get("tokens").intValue()))
                        : Optional.empty(),
                list(node.get("plans"), plan -> plan),
                layer.isPresent()
                        ? Optional.of(new Start(
                                layer.getAsInt(),
                                list(node.get("merged"), JsonNode::intValue),
                                list(node.get("wanted"), JsonNode::intValue),
                                node.get("task").intValue()))
                        : Optional.empty());
    }

    private static <T> ImmutableList<T> list(JsonNode node, Function<JsonNode, T> each) {
        ImmutableList.Builder<T> list = ImmutableList.builder();
        node.forEach(one -> list.add(each.apply(one)));
        return list.build();
    }
}
