package org.laco.cli.report;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableTable;
import com.google.common.collect.Multimaps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.laco.CollapseResult;
import org.laco.cli.progress.StepText;
import org.laco.io.CollapseRecord;
import org.laco.io.WrittenCheckpoint;
import org.laco.measure.Metrics;
import org.laco.measure.Score;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.page.LayerMap;
import org.laco.page.Markup;
import org.laco.page.Page;
import org.laco.page.SpanPlot;
import org.laco.page.SpanPlot.Span;
import org.laco.page.Tag;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.search.CollapseStep;

/** A page about one collapse: which layers became which, the candidates, the similarity of each sequence, before and after, and how to repeat it. */
public final class CollapsePage {
    private static final double PERCENT = 100;

    private final String model;
    private final CollapseResult result;
    private final ObjectNode record;
    private final Optional<WrittenCheckpoint> written;
    private final StageTimes times;
    private final String command;

    /**
     * Collects what there is to tell.
     *
     * @param model what the original is called
     * @param result the result
     * @param record its record
     * @param written what was written, if anything was
     * @param times how long it took
     * @param arguments what the command was given
     */
    public CollapsePage(
            String model,
            CollapseResult result,
            CollapseRecord record,
            Optional<WrittenCheckpoint> written,
            StageTimes times,
            List<String> arguments) {
        this.model = model;
        this.result = result;
        this.record = record.toJson();
        this.written = written;
        this.times = times;
        this.command = ShellText.of("laco", arguments);
    }

    /**
     * Returns the page.
     *
     * @return the page
     */
    public Page page() {
        CollapsePlan plan = result.plan();
        String title = model + ": " + plan.originalSize() + " layers to " + plan.size();
        List<Markup> body = new ArrayList<>();
        body.add(Tag.of("h1").text(title));
        body.add(Tag.of("p").text(summary()));
        body.add(section(
                "Which layers became which",
                note("Layers are counted from 0. Point at one to see what it is."),
                wide(map(plan).svg())));
        body.add(section("Before and after", beforeAndAfter(), measures()));
        if (!result.steps().isEmpty()) {
            body.add(candidates());
        }
        body.add(sequences());
        body.add(section("Settings", Page.facts(settings())));
        body.add(repetition());
        body.add(section("Time", Page.facts(time())));
        return new Page(title, body);
    }

    private String summary() {
        return String.format(
                Locale.ROOT,
                "The search %s left %d of %d layers. On %d calibration sequences the output's similarity to the original's, the paper's cosine, is %.6f. "
                        + "That says little about what the model can still do: measure that with laco evaluate.",
                result.settings().search(),
                result.plan().size(),
                result.plan().originalSize(),
                result.calibration().layout().count(),
                result.similarity());
    }

    /** Draws layers that a drop left out as such: their plan names them, as what the layer before stands for. */
    static LayerMap map(CollapsePlan plan) {
        ImmutableSet<Integer> fitted = IntStream.range(0, plan.size())
                .filter(layer -> plan.layers().get(layer) instanceof FittedLayer)
                .boxed()
                .collect(ImmutableSet.toImmutableSet());
        String drop = MergeRules.keepFirst().name();
        ImmutableList<String> rules = IntStream.range(0, plan.size())
                .mapToObj(layer -> plan.rule(layer).map(MergeRule::name).orElse(""))
                .collect(toImmutableList());
        return new LayerMap(
                plan.originalSize(),
                IntStream.range(0, plan.size())
                        .mapToObj(layer -> rules.get(layer).equals(drop) && !fitted.contains(layer)
                                ? plan.sources().get(layer).subList(0, 1)
                                : plan.sources().get(layer))
                        .collect(toImmutableList()),
                fitted,
                rules);
    }

    private Markup beforeAndAfter() {
        List<List<Markup>> rows = new ArrayList<>();
        compare(rows, "layers", "layersBefore", "layersAfter");
        compare(rows, "parameters", "parametersBefore", "parametersAfter");
        compare(rows, "bytes of weights", "bytesBefore", "bytesAfter");
        if (record.path("training").has("lossBefore")) {
            double before = record.path("training").path("lossBefore").asDouble();
            double after = record.path("training").path("lossAfter").asDouble();
            rows.add(texts(
                    "loss on the validation text, by the training",
                    String.format(Locale.ROOT, "%.4f", before),
                    String.format(Locale.ROOT, "%.4f", after),
                    String.format(Locale.ROOT, "%+.1f %%", PERCENT * (after / before - 1))));
        }
        return Page.table(texts("", "original", "result", "change"), rows);
    }

    private void compare(List<List<Markup>> rows, String what, String before, String after) {
        if (record.has(before)) {
            rows.add(texts(
                    what,
                    Quantity.count(record.get(before).asLong()),
                    Quantity.count(record.get(after).asLong()),
                    Quantity.change(
                            record.get(before).asLong(), record.get(after).asLong())));
        }
    }

    /** A figure's name is that of its measure, with what it is of all sequences behind a point, such as {@code kl.p10}. */
    private Markup measures() {
        ImmutableTable.Builder<String, String, String> figures = ImmutableTable.builder();
        result.evaluation().figures().forEach((name, value) -> {
            int point = name.lastIndexOf('.');
            figures.put(
                    point < 0 ? name : name.substring(0, point),
                    point < 0 ? "value" : name.substring(point + 1),
                    number(value));
        });
        ImmutableTable<String, String, String> table = figures.buildOrThrow();
        List<String> heads = ImmutableList.<String>builder()
                .add("measure")
                .addAll(table.columnKeySet())
                .build();
        List<List<Markup>> rows = new ArrayList<>();
        table.rowMap()
                .forEach((measure, values) -> rows.add(Stream.concat(
                                Stream.of(measure),
                                table.columnKeySet().stream().map(column -> values.getOrDefault(column, "")))
                        .map(Markup::text)
                        .toList()));
        return rows.isEmpty()
                ? Markup.text("")
                : Markup.of(
                        Tag.of("h3").text("How near the result's output is to the original's"),
                        note(
                                "On the calibration sequences, counted so that more is nearer; losses have their sign turned. p10 is what a tenth of them "
                                        + "is below."),
                        Page.table(heads.stream().map(Markup::text).toList(), rows));
    }

    private Markup candidates() {
        List<Markup> pieces = new ArrayList<>();
        pieces.add(Tag.of("h2").text("Candidates"));
        pieces.add(
                note(
                        "Each line is a candidate, from its first to its last layer, in the numbers of the model as it was then, at the height of what "
                                + "candidates are compared by: orange ones were merged, blue ones refused. More is nearer to the original."));
        Multimaps.index(result.steps().stream().filter(CollapsePage::isShown).toList(), step -> score(step)
                        .metric())
                .asMap()
                .forEach((metric, steps) -> pieces.add(trace(metric, steps)));
        pieces.add(Tag.of("details")
                .holding(
                        Tag.of("summary").text("All " + result.steps().size() + " candidates in their order"),
                        table(result.steps())));
        return Tag.of("section").holding(pieces);
    }

    /** The similarity has a column of its own where candidates were compared by something else. */
    private static Markup table(List<CollapseStep> steps) {
        boolean besideSimilarity = steps.stream()
                .flatMap(step -> step.score().stream())
                .anyMatch(score -> !score.metric().equals(Metrics.cosine().name()));
        List<List<Markup>> rows = new ArrayList<>();
        for (CollapseStep step : steps) {
            List<Markup> row = new ArrayList<>(texts(
                    String.valueOf(rows.size() + 1),
                    StepText.layers(step),
                    StepText.rule(step),
                    step.score().map(Score::metric).orElse(""),
                    step.score().map(score -> number(score.value())).orElse("")));
            if (besideSimilarity) {
                row.add(Markup.text(
                        step.similarity().isPresent() ? number(step.similarity().getAsDouble()) : ""));
            }
            row.add(Markup.text(StepText.outcome(step)));
            rows.add(row);
        }
        List<Markup> heads = new ArrayList<>(texts("", "layers", "rule", "measure", "value"));
        if (besideSimilarity) {
            heads.add(Markup.text("similarity"));
        }
        heads.add(Markup.text("outcome"));
        return Page.table(heads, rows);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }

    private static boolean isShown(CollapseStep step) {
        return step.score().filter(score -> Double.isFinite(score.value())).isPresent();
    }

    private static Score score(CollapseStep step) {
        return step.score().orElseThrow();
    }

    private Markup trace(String metric, Iterable<CollapseStep> steps) {
        ImmutableList.Builder<Span> spans = ImmutableList.builder();
        for (CollapseStep step : steps) {
            step.spans()
                    .forEach((layer, merged) -> spans.add(new Span(
                            layer,
                            layer + merged,
                            score(step).value(),
                            step.accepted(),
                            "layers " + StepText.layers(step)
                                    + step.rule()
                                            .map(rule -> " by " + rule.name())
                                            .orElse("")
                                    + String.format(
                                            Locale.ROOT,
                                            "%n%s %.6f, ",
                                            metric,
                                            score(step).value())
                                    + StepText.outcome(step))));
        }
        return new SpanPlot(
                        "candidates by " + metric,
                        "layers",
                        metric,
                        0,
                        result.plan().originalSize() - 1,
                        spans.build(),
                        threshold(),
                        "threshold")
                .svg();
    }

    private OptionalDouble threshold() {
        return result.settings().parameters().get("threshold") instanceof Number number
                        && Double.isFinite(number.doubleValue())
                ? OptionalDouble.of(number.doubleValue())
                : OptionalDouble.empty();
    }

    private Markup sequences() {
        ImmutableList<Double> values = result.evaluation().similarity().perSequence();
        ImmutableList.Builder<Span> spans = ImmutableList.builder();
        for (int i = 0; i < values.size(); i++) {
            if (Double.isFinite(values.get(i))) {
                spans.add(new Span(
                        i + 1,
                        i + 1,
                        values.get(i),
                        false,
                        String.format(
                                Locale.ROOT,
                                "sequence %d, %,d tokens: %.6f",
                                i + 1,
                                result.calibration().tokens(i).length,
                                values.get(i))));
            }
        }
        SpanPlot plot = new SpanPlot(
                "similarity per sequence",
                "calibration sequence",
                result.evaluation().similarity().metric(),
                1,
                values.size(),
                spans.build(),
                OptionalDouble.of(result.similarity()),
                "mean");
        return section(
                "Similarity of each sequence",
                note(
                        "Of each calibration sequence, in the order of the file, how similar the result's final hidden states are to the original's."),
                plot.svg());
    }

    private Map<String, String> settings() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("search", result.settings().search());
        result.settings().parameters().forEach((name, value) -> facts.put(name, value.toString()));
        facts.put("rule", result.settings().rule().name());
        facts.put("norms", result.settings().norms().label());
        facts.put("arithmetic", record.path("arithmetic").asText("that of the model"));
        facts.put(
                "calibration",
                result.calibration().layout().count() + " sequences, sha256 "
                        + record.path("calibration").path("sha256").asText());
        record.path("inputs")
                .properties()
                .forEach(file ->
                        facts.put(file.getKey(), "sha256 " + file.getValue().asText()));
        return facts;
    }

    private Markup repetition() {
        List<Markup> pieces = new ArrayList<>();
        pieces.add(Tag.of("h2").text("How to repeat it"));
        pieces.add(note("With laco " + record.path("laco").asText() + ". The same command:"));
        pieces.add(Tag.of("pre").text(command));
        if (written.isPresent()) {
            String out = written.get().directory().toString();
            pieces.add(
                    note(
                            "The same layers of another copy of the original, without searching, and a check of what was written:"));
            pieces.add(Tag.of("pre")
                    .text(ShellText.of(
                                    "laco",
                                    List.of("apply", "MODEL", "OUT", "--plan", out + "/" + CollapseRecord.FILE_NAME))
                            + "\n" + ShellText.of("laco", List.of("verify", out, "--source", "MODEL"))));
        }
        return Tag.of("section").holding(pieces);
    }

    private Map<String, String> time() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("opening", Quantity.seconds(times.open()));
        facts.put("search", Quantity.seconds(times.search()));
        if (written.isPresent()) {
            facts.put("writing", Quantity.seconds(times.write()));
            facts.put("verifying", Quantity.seconds(times.verify()));
        }
        return facts;
    }

    private static Markup section(String title, Markup... pieces) {
        return Tag.of("section").holding(Tag.of("h2").text(title), Markup.of(pieces));
    }

    private static Markup note(String text) {
        return Tag.of("p").with("class", "note").text(text);
    }

    private static Markup wide(Markup picture) {
        return Tag.of("div").with("class", "wide").holding(picture);
    }

    private static List<Markup> texts(String... cells) {
        return Stream.of(cells).map(Markup::text).toList();
    }
}
