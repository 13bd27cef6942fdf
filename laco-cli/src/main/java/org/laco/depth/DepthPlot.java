package org.laco.depth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * Prints and draws the cost of searches against depth: {@code depth.sh} runs them.
 *
 * <p>The directory holds what {@code laco collapse --json} printed in files {@code SERIES-LAYERS-RUN.json}; {@code depth.png} is put
 * beside them. Both axes are logarithmic, so that a quantity that grows with the square of the depth is a line twice as steep as one that
 * grows with the depth.
 */
public final class DepthPlot {
    private final List<DepthPoint> points;

    private DepthPlot(List<DepthPoint> points) {
        this.points = points;
    }

    /**
     * Reads a directory, prints its table and draws its plot.
     *
     * @param args the directory
     * @throws IOException if the directory can't be read or written
     */
    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        DepthPlot plot = read(directory);
        plot.print(System.out);
        plot.draw(directory.resolve("depth.png"));
    }

    static DepthPlot read(Path directory) throws IOException {
        Map<String, List<JsonNode>> runs = new TreeMap<>();
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        if (files.isEmpty()) {
            throw new IOException(directory + " holds no file SERIES-LAYERS-RUN.json");
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            runs.computeIfAbsent(name.substring(0, name.lastIndexOf('-')), key -> new ArrayList<>())
                    .add(new ObjectMapper().readTree(file.toFile()));
        }
        return new DepthPlot(runs.entrySet().stream()
                .map(entry ->
                        DepthPoint.of(entry.getKey().substring(0, entry.getKey().lastIndexOf('-')), entry.getValue()))
                .sorted(Comparator.comparing(DepthPoint::series).thenComparing(DepthPoint::layers))
                .toList());
    }

    List<DepthPoint> points() {
        return points;
    }

    void print(PrintStream out) {
        out.println("| search | layers | candidates | layer runs | weights read | search |");
        out.println("| --- | --- | --- | --- | --- | --- |");
        for (DepthPoint point : points) {
            out.printf(
                    Locale.ROOT,
                    "| %s | %d | %d | %,d | %,d MB | %.2f s |%n",
                    point.series(),
                    point.layers(),
                    point.candidates(),
                    point.layerRuns(),
                    point.bytesRead() / 1_000_000,
                    point.seconds());
        }
    }

    void draw(Path target) throws IOException {
        List<XYChart> charts = List.of(
                chart("layer runs", DepthPoint::layerRuns),
                chart("weights read (MB)", point -> point.bytesRead() / 1e6),
                chart("search (s)", DepthPoint::seconds));
        try (OutputStream out = Files.newOutputStream(target)) {
            BitmapEncoder.saveBitmap(charts, 1, charts.size(), out, BitmapFormat.PNG);
        }
    }

    private XYChart chart(String quantity, Function<DepthPoint, Number> value) {
        XYChart chart = new XYChartBuilder()
                .width(520)
                .height(420)
                .title(quantity)
                .xAxisTitle("layers")
                .build();
        chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisLogarithmic(true);
        points.stream()
                .collect(Collectors.groupingBy(DepthPoint::series, TreeMap::new, Collectors.toList()))
                .forEach((series, line) -> chart.addSeries(
                        series,
                        line.stream().map(DepthPoint::layers).toList(),
                        line.stream().map(value).toList()));
        return chart;
    }
}
