package org.laco.sweep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws quality against the share of parameters removed, a line a method, as PNG. */
final class SweepPlots {
    private final List<SweepPoint> points;

    SweepPlots(List<SweepPoint> points) {
        this.points = points;
    }

    /** Returns the plots by file name: one for each text, and one for accuracy if there is any. */
    Map<String, byte[]> draw() throws IOException {
        Map<String, byte[]> plots = new LinkedHashMap<>();
        Set<String> texts = new LinkedHashSet<>();
        points.forEach(point -> texts.addAll(point.perplexity().keySet()));
        for (String text : texts) {
            plots.put(
                    "perplexity-" + text.replaceAll("[^A-Za-z0-9._-]", "_") + ".png",
                    draw("perplexity on " + text, true, point -> point.perplexity()
                            .get(text)));
        }
        if (points.stream().anyMatch(point -> point.accuracy() != null)) {
            plots.put("accuracy.png", draw("accuracy", false, SweepPoint::accuracy));
        }
        if (points.stream().anyMatch(point -> !point.tasks().isEmpty())) {
            plots.put("tasks.png", draw("mean accuracy on the tasks", false, point -> TaskPoint.mean(
                            point.tasks(), TaskPoint::acc)
                    .orElse(null)));
        }
        plots.put("similarity.png", draw("similarity (cosine)", false, SweepPoint::similarity));
        return plots;
    }

    private byte[] draw(String quantity, boolean logarithmic, Function<SweepPoint, Double> value) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(560)
                .title(quantity)
                .xAxisTitle("share of parameters removed")
                .yAxisTitle(quantity)
                .build();
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setYAxisLogarithmic(logarithmic);
        for (Map.Entry<String, List<SweepPoint>> line : lines().entrySet()) {
            List<SweepPoint> shown = line.getValue().stream()
                    .filter(point -> Objects.requireNonNullElse(value.apply(point), Double.NaN) < Double.MAX_VALUE)
                    .sorted(Comparator.comparing(SweepPoint::removed))
                    .toList();
            if (!shown.isEmpty()) {
                chart.addSeries(
                        line.getKey(),
                        shown.stream().map(SweepPoint::removed).toList(),
                        shown.stream().map(value).toList());
            }
        }
        return BitmapEncoder.getBitmapBytes(chart, BitmapFormat.PNG);
    }

    /** Groups points by method; every line starts at the original. */
    private Map<String, List<SweepPoint>> lines() {
        Map<String, List<SweepPoint>> lines = new LinkedHashMap<>();
        for (SweepPoint point : points) {
            if (!point.method().equals(SweepPoint.ORIGINAL)) {
                String name = point.method() + (point.canBeWritten() ? "" : " (not writable)");
                lines.computeIfAbsent(name, method -> new ArrayList<>()).add(point);
            }
        }
        points.stream()
                .filter(point -> point.method().equals(SweepPoint.ORIGINAL))
                .forEach(original -> lines.values().forEach(line -> line.add(original)));
        return lines;
    }
}
