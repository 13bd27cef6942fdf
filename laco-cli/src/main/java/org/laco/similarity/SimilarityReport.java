package org.laco.similarity;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Range;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.laco.measure.AngularDistances;
import org.laco.measure.LayerMatrix;
import org.laco.measure.LayerSimilarity;
import org.laco.measure.ParameterSimilarity;
import org.laco.page.Curve;
import org.laco.page.HeatMap;
import org.laco.page.HeatMap.Cell;
import org.laco.page.Mark;
import org.laco.page.Markup;
import org.laco.page.Page;
import org.laco.page.Plot;
import org.laco.page.Tag;

/** Tells how alike layers are, in tables, heatmaps and one page. */
public final class SimilarityReport {
    /** Cosines nearer to zero than this are noise: a scale that they filled would show it as a pattern. */
    private static final double LEAST_COSINE_SHOWN = 0.1;

    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final List<Markup> body = new ArrayList<>();
    private final int layers;

    private SimilarityReport(int layers) {
        this.layers = layers;
    }

    /**
     * Makes {@code layers.csv} (adjacent cosine and block influence), {@code angular-last.csv} and {@code angular-all.csv} (the angular
     * distance of every run of layers), {@code parameters.csv} (the cosine of every two layers' weights), a heatmap of each matrix as SVG,
     * unless there is only one layer and so nothing in it, and {@code similarity.html} with all of them.
     *
     * @param model what the model is called
     * @param hidden the similarity of hidden states
     * @param parameters the similarity of weights
     * @return the contents of the files by their names
     */
    public static ImmutableMap<String, byte[]> files(
            String model, LayerSimilarity hidden, ParameterSimilarity parameters) {
        SimilarityReport report = new SimilarityReport(hidden.blockInfluence().size());
        report.writeLayers(hidden);
        report.writeRuns("angular-last", "Angular distance at the last position", hidden.lastToken(), "angular");
        report.writeRuns("angular-all", "Angular distance over all positions", hidden.allTokens(), "replaceme-ridge");
        report.writeParameters(parameters.all());
        report.writePage("How alike the layers of " + model + " are");
        return ImmutableMap.copyOf(report.files);
    }

    private void writeLayers(LayerSimilarity hidden) {
        writeCsv(
                "layers",
                "layer,adjacentCosine,blockInfluence",
                layer -> layer + "," + hidden.adjacentCosine().get(layer) + ","
                        + hidden.blockInfluence().get(layer));
        body.add(section(
                "Block influence of each layer",
                "One minus the mean cosine of what enters and what leaves a layer: what a layer of little influence does, others can do without.",
                Plot.of(
                                "block influence",
                                "layer",
                                "",
                                List.of(new Curve(
                                        "block influence",
                                        0,
                                        IntStream.range(0, layers)
                                                .filter(layer -> Double.isFinite(
                                                        hidden.blockInfluence().get(layer)))
                                                .mapToObj(layer -> new Mark(
                                                        layer,
                                                        hidden.blockInfluence().get(layer),
                                                        String.format(
                                                                Locale.ROOT,
                                                                "layer %d: %.4f",
                                                                layer,
                                                                hidden.blockInfluence()
                                                                        .get(layer))))
                                                .toList())))
                        .logarithmic()
                        .everyNumber()
                        .svg()));
    }

    private void writeRuns(String name, String title, AngularDistances distances, String search) {
        writeCsv(
                name,
                "start," + heads("length ", 1),
                start -> start + ","
                        + IntStream.rangeClosed(1, layers)
                                .mapToObj(length ->
                                        start + length > layers ? "" : Double.toString(distances.get(start, length)))
                                .collect(Collectors.joining(",")));
        double[][] values = new double[layers][layers];
        for (int start = 0; start < layers; start++) {
            for (int length = 1; length <= layers; length++) {
                values[start][length - 1] = start + length > layers ? Double.NaN : distances.get(start, length);
            }
        }
        draw(
                name,
                title,
                "For each run of layers the angle between what enters it and what leaves it, as a share of half a turn. Colours are of the runs "
                        + "that don't begin at layer 0, which changes more than all others.",
                "first layer",
                "number of layers",
                1,
                values,
                scale(values, 1, Range.closed(0.0, 0.0)),
                IntStream.range(1, layers)
                        .mapToObj(length -> new Cell(closest(distances, length), length - 1))
                        .collect(ImmutableSet.toImmutableSet()),
                "the run of each length that the search " + search + " takes");
    }

    /** Layer 0 stays in every search: there is none below it to take its place. */
    private int closest(AngularDistances distances, int length) {
        return IntStream.rangeClosed(1, layers - length)
                .boxed()
                .min(Comparator.comparing(start -> distances.get(start, length)))
                .orElseThrow();
    }

    private void writeParameters(LayerMatrix matrix) {
        writeCsv(
                "parameters",
                "layer," + heads("layer ", 0),
                layer -> layer + ","
                        + IntStream.range(0, layers)
                                .mapToObj(other -> Double.toString(matrix.get(layer, other)))
                                .collect(Collectors.joining(",")));
        double[][] values = new double[layers][layers];
        for (int layer = 0; layer < layers; layer++) {
            for (int other = 0; other < layers; other++) {
                // A layer is its own equal; leaving that out shows the differences between the others.
                values[layer][other] = layer == other ? Double.NaN : matrix.get(layer, other);
            }
        }
        draw(
                "parameters",
                "Cosine of linear weights",
                "Of every two layers the cosine of all their linear weights. Those of unrelated layers are near 0, and the colours go to "
                        + LEAST_COSINE_SHOWN + " at least, so that such differences aren't shown as a pattern.",
                "layer",
                "layer",
                0,
                values,
                scale(values, 0, Range.closed(0.0, LEAST_COSINE_SHOWN)),
                ImmutableSet.of(),
                "");
    }

    /** Takes the values of the columns from one on, and at least a range. */
    private static Range<Double> scale(double[][] values, int firstColumn, Range<Double> atLeast) {
        Range<Double> scale = Stream.of(values)
                .skip(Math.min(firstColumn, values.length - 1))
                .flatMap(column -> IntStream.range(0, column.length)
                        .filter(row -> Double.isFinite(column[row]))
                        .mapToObj(row -> Range.singleton(column[row])))
                .reduce(atLeast, Range::span);
        return scale.lowerEndpoint() < scale.upperEndpoint() ? scale : Range.closed(0.0, 1.0);
    }

    private String heads(String prefix, int first) {
        return IntStream.range(first, first + layers)
                .mapToObj(number -> prefix + number)
                .collect(Collectors.joining(","));
    }

    private void writeCsv(String name, String head, IntFunction<String> row) {
        String rows = IntStream.range(0, layers).mapToObj(row).collect(Collectors.joining("\r\n"));
        write(name + ".csv", head + "\r\n" + rows + "\r\n");
    }

    private void write(String name, String content) {
        files.put(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Draws values[x][y]; a cell without a value stays empty. */
    private void draw(
            String name,
            String title,
            String explanation,
            String x,
            String y,
            int firstY,
            double[][] values,
            Range<Double> scale,
            ImmutableSet<Cell> chosen,
            String chosenMeaning) {
        if (Stream.of(values).flatMapToDouble(Arrays::stream).allMatch(Double::isNaN)) {
            // A model of one layer has no pair of layers to show.
            return;
        }
        HeatMap map = new HeatMap(title, x, y, 0, firstY, values, scale, chosen, chosenMeaning);
        write(name + ".svg", map.file());
        body.add(section(title, explanation, Tag.of("div").with("class", "wide").holding(map.svg())));
    }

    private static Markup section(String title, String explanation, Markup picture) {
        return Tag.of("section")
                .holding(
                        Tag.of("h2").text(title),
                        Tag.of("p").with("class", "note").text(explanation),
                        picture);
    }

    private void writePage(String title) {
        List<Markup> links = new ArrayList<>();
        for (String file : files.keySet()) {
            links.add(Markup.text(links.isEmpty() ? "Beside this page: " : ", "));
            links.add(Tag.of("a").with("href", file).text(file));
        }
        body.add(0, Tag.of("h1").text(title));
        body.add(1, Tag.of("p").holding(links));
        write("similarity.html", new Page(title, body).html());
    }
}
