package org.laco.similarity;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.laco.measure.AngularDistances;
import org.laco.measure.LayerMatrix;
import org.laco.measure.LayerSimilarity;
import org.laco.measure.ParameterSimilarity;

/** Tells how alike layers are, in tables and plots. */
public final class SimilarityReport {
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final int layers;

    private SimilarityReport(int layers) {
        this.layers = layers;
    }

    /**
     * Makes {@code layers.csv} (adjacent cosine and block influence), {@code angular-last.csv} and {@code angular-all.csv} (the angular
     * distance of every run of layers), {@code parameters.csv} (the cosine of every two layers' weights), and a heatmap of each matrix
     * as PNG, unless there is only one layer and so nothing in it.
     *
     * @param hidden the similarity of hidden states
     * @param parameters the similarity of weights
     * @return the contents of the files by their names
     * @throws IOException if a plot can't be drawn
     */
    public static ImmutableMap<String, byte[]> files(LayerSimilarity hidden, ParameterSimilarity parameters)
            throws IOException {
        SimilarityReport report = new SimilarityReport(hidden.blockInfluence().size());
        report.writeLayers(hidden);
        report.writeRuns("angular-last", "angular distance at the last position", hidden.lastToken());
        report.writeRuns("angular-all", "angular distance over all positions", hidden.allTokens());
        report.writeParameters(parameters.all());
        return ImmutableMap.copyOf(report.files);
    }

    private void writeLayers(LayerSimilarity hidden) {
        writeCsv(
                "layers",
                "layer,adjacentCosine,blockInfluence",
                layer -> layer + "," + hidden.adjacentCosine().get(layer) + ","
                        + hidden.blockInfluence().get(layer));
    }

    private void writeRuns(String name, String title, AngularDistances distances) throws IOException {
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
        draw(name, title, "first layer", "number of layers", 1, values);
    }

    private void writeParameters(LayerMatrix matrix) throws IOException {
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
        draw("parameters", "cosine of linear weights", "layer", "layer", 0, values);
    }

    private String heads(String prefix, int first) {
        return IntStream.range(first, first + layers)
                .mapToObj(number -> prefix + number)
                .collect(Collectors.joining(","));
    }

    private void writeCsv(String name, String head, IntFunction<String> row) {
        String rows = IntStream.range(0, layers).mapToObj(row).collect(Collectors.joining("\r\n"));
        files.put(name + ".csv", (head + "\r\n" + rows + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Draws values[x][y]; a cell without a value stays empty. */
    private void draw(String name, String title, String x, String y, int firstY, double[][] values) throws IOException {
        Number[][] cells = IntStream.range(0, layers * layers)
                .filter(cell -> !Double.isNaN(values[cell / layers][cell % layers]))
                .mapToObj(cell -> new Number[] {cell / layers, cell % layers, values[cell / layers][cell % layers]})
                .toArray(Number[][]::new);
        if (cells.length == 0) {
            // A model of one layer has no pair of layers to show.
            return;
        }
        HeatMapChart chart = new HeatMapChartBuilder()
                .width(900)
                .height(800)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        chart.getStyler().setShowValue(false);
        chart.addSeries(
                title,
                IntStream.range(0, layers).boxed().toList(),
                IntStream.range(firstY, firstY + layers)
                        .mapToObj(number -> String.format(Locale.ROOT, "%d", number))
                        .toList(),
                Arrays.asList(cells));
        files.put(name + ".png", BitmapEncoder.getBitmapBytes(chart, BitmapFormat.PNG));
    }
}
