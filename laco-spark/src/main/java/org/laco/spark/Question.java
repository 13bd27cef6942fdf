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
import org.laco.fit.FitQuestion;
import org.laco.plan.CollapsePlan;

/**
 * A task: plans to score together, as one machine would.
 *
 * @param kind how
 * @param base the encoded plan whose hidden states are kept, empty for the original
 * @param sample the part of the sequences to score on, empty for all
 * @param plans the encoded plans
 * @param spans for fitted spans, what starts where
 * @param rows for the rows that a plan is fitted to, what is asked of them
 */
record Question(
        Kind kind,
        Optional<JsonNode> base,
        Optional<Sample> sample,
        ImmutableList<JsonNode> plans,
        Optional<Start> spans,
        Optional<Rows> rows) {
    enum Kind {
        CONFIRM,
        SCREEN,
        FIT,
        FITTED,
        ROWS,
        END
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

    /**
     * A question about rows, without its plans.
     *
     * @param kind the name of the kind
     * @param layer the number of the layer
     * @param step which of its steps, -1 for the last
     * @param share the batches that are kept together
     * @param batches those that are asked about
     * @param from the first tile
     * @param to the tile after the last
     * @param task the number of what was sent of the fit
     */
    record Rows(
            String kind,
            int layer,
            int step,
            ImmutableList<Integer> share,
            ImmutableList<Integer> batches,
            int from,
            int to,
            int task) {
        static Rows of(FitQuestion asked, int task) {
            return new Rows(
                    asked.kind().name(),
                    asked.layer(),
                    asked.step().orElse(-1),
                    asked.share(),
                    asked.batches(),
                    asked.from(),
                    asked.to(),
                    task);
        }

        FitQuestion about(ImmutableList<CollapsePlan> plans) {
            return new FitQuestion(
                    FitQuestion.Kind.valueOf(kind),
                    plans,
                    layer,
                    step < 0 ? OptionalInt.empty() : OptionalInt.of(step),
                    share,
                    batches,
                    from,
                    to);
        }
    }

    static Question ofRows(FitQuestion asked, int task, SentPlans sent) {
        return new Question(
                Kind.ROWS,
                Optional.empty(),
                Optional.empty(),
                encoded(asked.plans(), sent),
                Optional.empty(),
                Optional.of(Rows.of(asked, task)));
    }

    /** Says that no more is asked about rows. */
    static Question end() {
        return new Question(
                Kind.END, Optional.empty(), Optional.empty(), ImmutableList.of(), Optional.empty(), Optional.empty());
    }

    static Question ofPlans(
            Kind kind, Optional<CollapsePlan> base, Optional<Sample> sample, List<CollapsePlan> plans, SentPlans sent) {
        return new Question(
                kind, base.map(sent::encode), sample, encoded(plans, sent), Optional.empty(), Optional.empty());
    }

    static Question ofSpans(
            Kind kind,
            Optional<CollapsePlan> base,
            Optional<Sample> sample,
            List<CollapsePlan> plans,
            Start spans,
            SentPlans sent) {
        return new Question(
                kind, base.map(sent::encode), sample, encoded(plans, sent), Optional.of(spans), Optional.empty());
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
        rows.ifPresent(asked -> {
            ObjectNode about = node.putObject("about");
            about.put("kind", asked.kind()).put("layer", asked.layer()).put("step", asked.step());
            ArrayNode share = about.putArray("share");
            asked.share().forEach(share::add);
            ArrayNode batches = about.putArray("batches");
            asked.batches().forEach(batches::add);
            about.put("from", asked.from()).put("to", asked.to()).put("task", asked.task());
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
                        : Optional.empty(),
                Optional.ofNullable(node.get("about")).map(Question::rows));
    }

    private static Rows rows(JsonNode about) {
        return new Rows(
                about.get("kind").asText(),
                about.get("layer").intValue(),
                about.get("step").intValue(),
                list(about.get("share"), JsonNode::intValue),
                list(about.get("batches"), JsonNode::intValue),
                about.get("from").intValue(),
                about.get("to").intValue(),
                about.get("task").intValue());
    }

    private static <T> ImmutableList<T> list(JsonNode node, Function<JsonNode, T> each) {
        ImmutableList.Builder<T> list = ImmutableList.builder();
        node.forEach(one -> list.add(each.apply(one)));
        return list.build();
    }
}
