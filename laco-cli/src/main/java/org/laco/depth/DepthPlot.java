package org.laco.depth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.laco.page.Curve;
import org.laco.page.Mark;
import org.laco.page.Plot;

/**
 * Prints and draws the cost of searches against depth: {@code depth.sh} runs them.
 *
 * <p>The directory holds what {@code laco collapse --json} printed in files {@code SERIES-LAYERS-RUN.json}; {@code depth-runs.svg},
 * {@code depth-weights.svg} and {@code depth-seconds.svg} are put beside them. Both axes are logarithmic, so that a quantity that grows with the square of the depth is a line twice as steep as one that
 * grows with the depth.
 */
public final class DepthPlot {
    private final List<DepthPoint> points;

    DepthPlot(List<DepthPoint> points) {
        this.points = points;
    }

    /**
     * Reads a directory, prints its table and draws its plots.
     *
     * @param args the directory
     * @throws IOException if the directory can't be read or written
     */
    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        DepthPlot plot = read(directory);
        plot.print(System.out);
        for (Map.Entry<String, String> picture : plot.pictures().entrySet()) {
            Files.writeString(directory.resolve(picture.getKey()), picture.getValue());
        }
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

    /** Draws each quantity; the pictures by the names of their files. */
    ImmutableMap<String, String> pictures() {
        return ImmutableMap.of(
                "depth-runs.svg", picture("layer runs", DepthPoint::layerRuns),
                "depth-weights.svg", picture("weights read, MB", point -> point.bytesRead() / 1e6),
                "depth-seconds.svg", picture("search, s", DepthPoint::seconds));
    }

    private String picture(String quantity, ToDoubleFunction<DepthPoint> value) {
        List<Curve> curves = new ArrayList<>();
        points.stream()
                .collect(Collectors.groupingBy(DepthPoint::series, TreeMap::new, Collectors.toList()))
                .forEach((series, line) -> curves.add(new Curve(
                        series,
                        curves.size(),
                        line.stream()
                                .map(point -> mark(point, quantity, value.applyAsDouble(point)))
                                .toList())));
        return Plot.of(quantity, "layers", quantity, curves).doublyLogarithmic().file();
    }

    private static Mark mark(DepthPoint point, String quantity, double value) {
        return new Mark(
                point.layers(),
                value,
                String.format(Locale.ROOT, "%s, %d layers%n%s: %.4g", point.series(), point.layers(), quantity, value));
    }
}
