package org.laco.sweep;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.laco.page.Curve;
import org.laco.page.Mark;
import org.laco.page.Plot;

/** Draws quantities against the share of parameters removed, a curve a method. */
final class SweepPlots {
    private static final double PERCENT = 100;

    private final Optional<SweepPoint> original;
    private final Map<String, List<SweepPoint>> methods = new LinkedHashMap<>();

    SweepPlots(List<SweepPoint> points) {
        this.original = points.stream()
                .filter(point -> point.method().equals(SweepPoint.ORIGINAL))
                .findFirst();
        for (SweepPoint point : SweepPoint.models(points)) {
            if (!point.method().equals(SweepPoint.ORIGINAL)) {
                methods.computeIfAbsent(name(point), method -> new ArrayList<>())
                        .add(point);
            }
        }
    }

    /** What a method is called in plots. */
    private static String name(SweepPoint point) {
        return point.method() + (point.canBeWritten() ? "" : " (not writable)");
    }

    /** Returns a curve without points of each method, in the order of the legend. */
    ImmutableList<Curve> legend() {
        ImmutableList.Builder<Curve> curves = ImmutableList.builder();
        int style = 0;
        for (String method : methods.keySet()) {
            curves.add(new Curve(method, style++, List.of()));
        }
        return curves.build();
    }

    /** Draws one quantity; curves begin at the original. */
    Plot plot(SweepQuantity quantity) {
        List<Curve> curves = new ArrayList<>();
        for (Curve curve : legend()) {
            List<SweepPoint> line = new ArrayList<>(methods.get(curve.name()));
            original.ifPresent(line::add);
            curves.add(new Curve(
                    curve.name(),
                    curve.style(),
                    line.stream()
                            .filter(point -> quantity.at(point).isPresent())
                            .filter(point -> !quantity.logarithmic()
                                    || quantity.at(point).get() > 0)
                            .sorted(Comparator.comparing(SweepPoint::removed))
                            .map(point -> mark(quantity, point))
                            .toList()));
        }
        Plot plot =
                Plot.of(quantity.name(), "share of the parameters removed, %", quantity.percent() ? "%" : "", curves);
        return quantity.logarithmic() ? plot.logarithmic() : plot;
    }

    private static Mark mark(SweepQuantity quantity, SweepPoint point) {
        return new Mark(
                PERCENT * point.removed(),
                quantity.shown(quantity.at(point).orElseThrow()),
                // All curves begin at the original: its error would be drawn once for each.
                point.method().equals(SweepPoint.ORIGINAL)
                        ? 0
                        : quantity.errorAt(point).map(quantity::shown).orElse(0.0),
                String.format(
                        Locale.ROOT,
                        "%s, %d layers, %.1f %% removed%n%s: %s",
                        name(point),
                        point.layers(),
                        PERCENT * point.removed(),
                        quantity.name(),
                        quantity.text(point)));
    }
}
