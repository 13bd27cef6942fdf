package org.laco.sweep;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.laco.page.Curve;
import org.laco.page.Markup;
import org.laco.page.Page;
import org.laco.page.Tag;

/** One page with everything in it: what was compared, each quantity as a plot and a table, times, layer maps and samples. */
final class SweepPage {
    private static final String SUM = "together";

    private final List<SweepPoint> points;
    private final Map<String, String> settings;
    private final SweepPlots plots;

    SweepPage(List<SweepPoint> points, Map<String, String> settings) {
        this.points = points;
        this.settings = settings;
        this.plots = new SweepPlots(points);
    }

    String html() {
        List<Markup> body = new ArrayList<>();
        body.add(Tag.of("h1").text(title()));
        body.add(links());
        body.add(compared());
        body.add(legend());
        SweepQuantity.of(points).forEach(quantity -> body.add(section(quantity)));
        body.add(methods());
        body.add(figures());
        body.add(layers());
        body.addAll(samples());
        return new Page(title(), body).html();
    }

    private String title() {
        String model = settings.getOrDefault("model", "a model");
        return "Sweep of " + model.replaceFirst(" \\(sha256 .*", "");
    }

    private static Markup links() {
        return Tag.of("p")
                .holding(
                        Markup.text("All numbers in full are in "),
                        link("sweep.csv"),
                        Markup.text(" and "),
                        link("sweep.json"),
                        Markup.text(" beside this page, each plot as a picture of its own too."));
    }

    private static Markup link(String file) {
        return Tag.of("a").with("href", file).text(file);
    }

    private Markup compared() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("methods", plots.legend().stream().map(Curve::name).collect(Collectors.joining(", ")));
        facts.put("sizes", sizes().stream().map(String::valueOf).collect(Collectors.joining(", ")) + " layers");
        settings.forEach((name, value) -> {
            if (!value.isBlank()) {
                facts.put(name, value);
            }
        });
        return Page.facts(facts);
    }

    /** The numbers of layers that points have, the original's first. */
    private ImmutableList<Integer> sizes() {
        return points.stream()
                .map(SweepPoint::layers)
                .distinct()
                .sorted(Comparator.reverseOrder())
                .collect(ImmutableList.toImmutableList());
    }

    private Markup legend() {
        return Tag.of("div")
                .with("class", "legend")
                .with("aria-label", "Methods: press one to leave it out of the plots")
                .holding(plots.legend().stream()
                        .map(curve -> Tag.of("button")
                                .with("type", "button")
                                .with("data-toggle", curve.name())
                                .with("aria-pressed", "true")
                                .holding(curve.sign(), Markup.text(curve.name())))
                        .toList());
    }

    private Markup section(SweepQuantity quantity) {
        return Tag.of("section")
                .holding(
                        Tag.of("h2").text(capital(quantity.name())),
                        Tag.of("p").with("class", "note").text(quantity.explanation()),
                        plots.plot(quantity).svg(),
                        comparison(quantity));
    }

    private static String capital(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    /** A row a method, a column a size, the best of each column marked. */
    private Markup comparison(SweepQuantity quantity) {
        List<Markup> heads = new ArrayList<>(List.of(Markup.text("method")));
        sizes().forEach(size -> heads.add(Markup.text(size + " layers")));
        List<List<Markup>> rows = new ArrayList<>();
        for (String method : points.stream().map(SweepPoint::method).distinct().toList()) {
            List<Markup> row = new ArrayList<>(List.of(method(method)));
            sizes().forEach(size -> row.add(find(method, size)
                    .flatMap(point -> quantity.at(point).map(value -> value(quantity, point, value)))
                    .orElse(Markup.text(""))));
            rows.add(row);
        }
        return Page.table(heads, rows);
    }

    private Markup method(String name) {
        boolean written =
                points.stream().filter(point -> point.method().equals(name)).allMatch(SweepPoint::canBeWritten);
        return written
                ? Markup.text(name)
                : Tag.of("span").with("class", "stick").text(name);
    }

    private Optional<SweepPoint> find(String method, int layers) {
        return points.stream()
                .filter(point -> point.method().equals(method) && point.layers() == layers)
                .findFirst();
    }

    private Markup value(SweepQuantity quantity, SweepPoint point, double value) {
        Tag tag = Tag.of("data").with("value", Double.toString(value));
        boolean best = point.canBeWritten() && isAmongTheBest(quantity, point, value);
        return (best ? tag.with("class", "best") : tag).text(quantity.text(point));
    }

    /** Whether no other of that size is better by more than its own standard error; one alone isn't the best of anything. */
    private boolean isAmongTheBest(SweepQuantity quantity, SweepPoint point, double value) {
        List<SweepPoint> others = points.stream()
                .filter(other -> other.layers() == point.layers() && other.canBeWritten())
                .filter(other -> !other.method().equals(point.method()))
                .toList();
        return !others.isEmpty()
                && others.stream().noneMatch(other -> quantity.at(other)
                        .map(better -> quantity.lessIsBetter() ? value - better : better - value)
                        .filter(difference ->
                                difference > quantity.errorAt(other).orElse(0.0))
                        .isPresent());
    }

    /** What the methods are, and what each took. */
    private Markup methods() {
        List<String> heads = List.of(
                "method",
                "fits weights",
                "trained tokens",
                "can be written",
                "searching s",
                "training s",
                "measuring s",
                SUM + " s");
        List<List<Markup>> rows = new ArrayList<>();
        for (String method : points.stream().map(SweepPoint::method).distinct().toList()) {
            List<SweepPoint> own = points.stream()
                    .filter(point -> point.method().equals(method))
                    .toList();
            List<Markup> row = new ArrayList<>(List.of(
                    method(method),
                    Markup.text(own.stream().anyMatch(point -> !point.refit().isEmpty()) ? "yes" : "no"),
                    Markup.text(own.stream()
                            .map(SweepPoint::trainedTokens)
                            .filter(tokens -> tokens > 0)
                            .map(tokens -> String.format(Locale.ROOT, "%,d", tokens))
                            .distinct()
                            .collect(Collectors.joining(", "))),
                    Markup.text(SweepTable.written(own.get(0)))));
            row.addAll(times(own));
            rows.add(row);
        }
        List<Markup> last =
                new ArrayList<>(List.of(Markup.text(SUM), Markup.text(""), Markup.text(""), Markup.text("")));
        last.addAll(times(points));
        rows.add(last);
        return Tag.of("section")
                .holding(
                        Tag.of("h2").text("Methods and times"),
                        Tag.of("p")
                                .with("class", "note")
                                .text(
                                        "Searching is what a search took beyond what a smaller size of it had measured before. Opening the model "
                                                + "and writing these files is not in it."),
                        Page.table(heads.stream().map(Markup::text).toList(), rows),
                        sticks());
    }

    private static List<Markup> times(List<SweepPoint> of) {
        List<ToDoubleFunction<SweepPoint>> parts = List.of(
                SweepPoint::seconds,
                SweepPoint::trainingSeconds,
                SweepPoint::measuringSeconds,
                point -> point.seconds() + point.trainingSeconds() + point.measuringSeconds());
        return parts.stream()
                .map(part -> Tag.of("span")
                        .with("class", "seconds")
                        .text(String.format(
                                Locale.ROOT,
                                "%.1f",
                                of.stream().mapToDouble(part).sum())))
                .toList();
    }

    private Markup sticks() {
        return points.stream().allMatch(SweepPoint::canBeWritten)
                ? Markup.text("")
                : Tag.of("p")
                        .with("class", "note")
                        .text(
                                "What can't be written is a measuring stick: a matrix added on the residual stream maps the hidden states "
                                        + "before a gap to those after it. No checkpoint of this model's structure holds one.");
    }

    private Markup figures() {
        SweepTable table = new SweepTable(points);
        List<List<String>> rows = points.stream().map(table::row).toList();
        List<String> heads = table.heads();
        // What wasn't measured of any point is no column.
        List<Integer> columns = IntStream.range(0, heads.size())
                .filter(column -> rows.stream().anyMatch(row -> !row.get(column).isEmpty()))
                .boxed()
                .toList();
        return Tag.of("section")
                .holding(
                        Tag.of("h2").text("All figures"),
                        Tag.of("p")
                                .with("class", "note")
                                .text(
                                        "Accuracy kept is the share of the original's accuracy; a ratio of 1 means that no perplexity was lost."),
                        Page.table(
                                columns.stream()
                                        .map(column -> Markup.text(heads.get(column)))
                                        .toList(),
                                rows.stream()
                                        .map(row -> columns.stream()
                                                .map(column -> figure(heads.get(column), row.get(column)))
                                                .toList())
                                        .toList()));
    }

    private static Markup figure(String head, String cell) {
        return head.endsWith(" s") ? Tag.of("span").with("class", "seconds").text(cell) : Markup.text(cell);
    }

    private Markup layers() {
        return Tag.of("section")
                .holding(
                        Tag.of("h2").text("Layers"),
                        Tag.of("p")
                                .with("class", "note")
                                .text(
                                        "Numbers are the original's layers; merged ones orange, fitted ones blue, added matrices red."),
                        Markup.of(SweepPoint.models(points).stream()
                                .map(SweepPage::map)
                                .toList()));
    }

    private static Markup map(SweepPoint point) {
        List<Markup> pieces = new ArrayList<>();
        pieces.add(Markup.text(title(point)));
        pieces.add(Tag.of("br").holding());
        for (int layer = 0; layer < point.layers(); layer++) {
            List<Integer> sources = point.sources().get(layer);
            String kind = point.refit().contains(layer) ? "fitted" : sources.size() > 1 ? "merged" : "kept";
            pieces.add(Tag.of("span")
                    .with("class", kind)
                    .text(sources.stream().map(String::valueOf).collect(Collectors.joining("+"))));
            if (point.addedMatrices().contains(layer)) {
                pieces.add(Tag.of("span").with("class", "matrix").text("matrix"));
            }
        }
        return Markup.of(Tag.of("p").with("class", "layers").holding(pieces), Markup.text("\n"));
    }

    private List<Markup> samples() {
        return points.stream()
                .flatMap(point -> point.samples().keySet().stream())
                .distinct()
                .map(prompt -> Tag.of("section")
                        .holding(
                                Tag.of("h2").text(prompt),
                                Tag.of("table")
                                        .with("class", "facts")
                                        .holding(Tag.of("tbody")
                                                .holding(SweepPoint.models(points).stream()
                                                        .map(point -> Tag.of("tr")
                                                                .holding(
                                                                        Tag.of("th")
                                                                                .with("scope", "row")
                                                                                .text(title(point)),
                                                                        Tag.of("td")
                                                                                .text(point.samples()
                                                                                        .getOrDefault(prompt, ""))))
                                                        .toList()))))
                .toList();
    }

    private static String title(SweepPoint point) {
        return point.method() + ", " + point.layers() + " layers"
                + (point.canBeWritten() ? "" : ", not writable: needs an added matrix");
    }
}
