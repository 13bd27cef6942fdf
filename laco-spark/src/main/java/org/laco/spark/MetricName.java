package org.laco.spark;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.laco.measure.ChoiceAccuracy;
import org.laco.measure.ChoiceItem;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;

/** What candidates are scored by, as JSON: the name of one of the library's metrics, or questions. */
final class MetricName {
    private MetricName() {}

    static JsonNode encode(Metric metric) {
        if (metric instanceof ChoiceAccuracy accuracy) {
            ArrayNode questions = JsonNodeFactory.instance.arrayNode();
            accuracy.items().forEach(item -> encode(item, questions.addObject()));
            return questions;
        }
        checkArgument(
                Metrics.all().contains(metric),
                "executors can't be told of the objective %s: take one of %s, or questions",
                metric.name(),
                Metrics.all().stream().map(Metric::name).collect(Collectors.joining(", ")));
        return JsonNodeFactory.instance.textNode(metric.name());
    }

    private static void encode(ChoiceItem item, ObjectNode node) {
        encode(item.context(), node.putArray("context"));
        ArrayNode choices = node.putArray("choices");
        item.choices().forEach(choice -> encode(choice, choices.addArray()));
        node.put("answer", item.answer());
    }

    private static void encode(ImmutableIntArray ids, ArrayNode node) {
        ids.forEach(node::add);
    }

    static Metric decode(JsonNode node) {
        if (node.isTextual()) {
            return Metrics.named(node.asText());
        }
        List<ChoiceItem> items = new ArrayList<>();
        for (JsonNode item : node) {
            ImmutableList.Builder<ImmutableIntArray> choices = ImmutableList.builder();
            item.get("choices").forEach(choice -> choices.add(ids(choice)));
            items.add(new ChoiceItem(
                    ids(item.get("context")),
                    choices.build(),
                    // A score is of ids alone.
                    ImmutableList.of(),
                    item.get("answer").intValue(),
                    ""));
        }
        return ChoiceAccuracy.of(items);
    }

    private static ImmutableIntArray ids(JsonNode node) {
        return ImmutableIntArray.copyOf(Sequences.ids(node));
    }
}
