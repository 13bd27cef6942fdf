package org.laco.page;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Curves over one quantity, with error bars where there are standard errors, as SVG.
 *
 * <pre>{@code
 * Plot.of("perplexity", "share of parameters removed, %", "perplexity", curves).logarithmic().svg();
 * }</pre>
 */
public final class Plot {
    private static final double WIDTH = 760;
    private static final double HEIGHT = 420;
    private static final double LEFT = 72;
    private static final double TOP = 34;
    private static final double RIGHT = WIDTH - 14;
    private static final double BOTTOM = HEIGHT - 52;

    /** What a legend takes beside a plot that is a file of its own. */
    private static final double LEGEND = 210;

    private static final double LEGEND_LINE = 22;

    /** How far apart points are drawn that would lie on one another's error bars. */
    private static final double APART = 3;

    private final String title;
    private final Side along;
    private final Side up;
    private final ImmutableList<Curve> curves;
    private final OptionalDouble reference;
    private final String referenceName;

    private Plot(
            String title,
            Side along,
            Side up,
            ImmutableList<Curve> curves,
            OptionalDouble reference,
            String referenceName) {
        this.title = title;
        this.along = along;
        this.up = up;
        this.curves = curves;
        this.reference = reference;
        this.referenceName = referenceName;
    }

    /**
     * Makes a plot of linear axes.
     *
     * @param title what stands above it
     * @param xTitle the quantity along it, with its unit
     * @param yTitle the quantity up it, with its unit
     * @param curves the curves, of which those without points are left out
     * @return the plot
     */
    public static Plot of(String title, String xTitle, String yTitle, List<Curve> curves) {
        return new Plot(
                title,
                Side.linear(xTitle),
                Side.linear(yTitle),
                curves.stream().filter(curve -> !curve.marks().isEmpty()).collect(ImmutableList.toImmutableList()),
                OptionalDouble.empty(),
                "");
    }

    /**
     * Makes equal ratios of values equally far apart.
     *
     * @return a plot that does so, if all its values are above zero
     */
    public Plot logarithmic() {
        return new Plot(title, along, up.byRatios(), curves, reference, referenceName);
    }

    /**
     * Makes equal ratios equally far apart along the plot, too, so that a power of the quantity along it is a straight line.
     *
     * @return a plot that does so, if all its values are above zero
     */
    public Plot doublyLogarithmic() {
        return new Plot(title, along.byRatios(), up.byRatios(), curves, reference, referenceName);
    }

    /**
     * Labels every whole number along the plot, as where these are layers.
     *
     * @return a plot that does so
     */
    public Plot everyNumber() {
        return new Plot(title, along.everyNumber(), up, curves, reference, referenceName);
    }

    /**
     * Draws a line across at a value to compare with.
     *
     * @param value the value
     * @param name what it is
     * @return a plot with it
     */
    public Plot reference(double value, String name) {
        return new Plot(title, along, up, curves, OptionalDouble.of(value), name);
    }

    /**
     * Draws it for a page, which has a title and a legend of its own.
     *
     * @return the picture
     */
    public Markup svg() {
        return picture(WIDTH, HEIGHT).holding(drawing());
    }

    /**
     * Draws it as a file of its own, with a legend.
     *
     * @return the file's content
     */
    public String file() {
        List<Markup> pieces = new ArrayList<>(drawing());
        pieces.add(
                words((LEFT + RIGHT) / 2, 20, "middle").with("class", "title").text(title));
        double y = TOP + LEGEND_LINE / 2;
        for (Curve curve : curves) {
            pieces.add(curve.sign(WIDTH + 20, y));
            pieces.add(words(WIDTH + 40, y + 4, "start").text(curve.name()));
            y += LEGEND_LINE;
        }
        return SvgFile.of(picture(WIDTH + LEGEND, Math.max(HEIGHT, y + LEGEND_LINE)), pieces);
    }

    private Tag picture(double width, double height) {
        return SvgFile.picture(width, height, title).with("class", "plot");
    }

    private List<Markup> drawing() {
        Axis across = along.axis(values(Mark::x).boxed().toList());
        Axis upward = up.axis(heights());
        List<Markup> pieces = new ArrayList<>();
        for (double tick : upward.ticks()) {
            double y = y(upward, tick);
            pieces.add(Tag.of("path")
                    .with("d", line(LEFT, y, RIGHT, y))
                    .with("class", "grid")
                    .holding());
            pieces.add(words(LEFT - 8, y + 4, "end").text(upward.label(tick)));
        }
        for (double tick : across.ticks()) {
            double x = x(across, tick);
            pieces.add(Tag.of("path")
                    .with("d", line(x, BOTTOM, x, BOTTOM + 5))
                    .with("class", "tick")
                    .holding());
            pieces.add(words(x, BOTTOM + 20, "middle").text(across.label(tick)));
        }
        pieces.add(Tag.of("path")
                .with("d", line(LEFT, BOTTOM, RIGHT, BOTTOM))
                .with("class", "tick")
                .holding());
        pieces.add(words((LEFT + RIGHT) / 2, HEIGHT - 12, "middle").text(along.title()));
        pieces.add(words(0, 0, "middle")
                .with("transform", "translate(16 " + (TOP + BOTTOM) / 2 + ") rotate(-90)")
                .text(up.title()));
        reference.ifPresent(value -> {
            double y = y(upward, value);
            pieces.add(Tag.of("path")
                    .with("d", line(LEFT, y, RIGHT, y))
                    .with("class", "reference")
                    .holding());
            pieces.add(words(RIGHT - 4, y - 6, "end").with("class", "faint").text(referenceName));
        });
        for (int i = 0; i < curves.size(); i++) {
            pieces.add(curve(curves.get(i), across, upward, apart(i)));
        }
        return pieces;
    }

    /** What the plot has to be high enough for. */
    private List<Double> heights() {
        return DoubleStream.concat(
                        DoubleStream.concat(
                                values(mark -> mark.y() - mark.error()), values(mark -> mark.y() + mark.error())),
                        reference.stream())
                .boxed()
                .toList();
    }

    private DoubleStream values(ToDoubleFunction<Mark> value) {
        return curves.stream().flatMap(curve -> curve.marks().stream()).mapToDouble(value);
    }

    /** Curves with error bars are drawn side by side. */
    private double apart(int curve) {
        boolean errors = values(Mark::error).anyMatch(error -> error > 0);
        return errors ? (curve - (curves.size() - 1) / 2.0) * APART : 0;
    }

    private static Markup curve(Curve curve, Axis across, Axis up, double apart) {
        List<Markup> pieces = new ArrayList<>();
        pieces.add(Tag.of("path")
                .with("class", "line")
                .with(
                        "d",
                        curve.marks().stream()
                                .map(mark -> point(x(across, mark.x()) + apart, y(up, mark.y())))
                                .collect(Collectors.joining("L", "M", "")))
                .holding());
        for (Mark mark : curve.dots()) {
            double x = x(across, mark.x()) + apart;
            if (mark.error() > 0) {
                double low = y(up, mark.y() - mark.error());
                double high = y(up, mark.y() + mark.error());
                pieces.add(Tag.of("path")
                        .with("class", "error")
                        .with(
                                "d",
                                Stream.of(
                                                line(x, low, x, high),
                                                line(x - 3, low, x + 3, low),
                                                line(x - 3, high, x + 3, high))
                                        .collect(Collectors.joining()))
                        .holding());
            }
            pieces.add(curve.shape()
                    .at(x, y(up, mark.y()))
                    .with("class", "dot")
                    .with("tabindex", "0")
                    .holding(Tag.of("title").text(mark.tip())));
        }
        return Tag.of("g")
                .with("class", "curve " + curve.look())
                .with("data-curve", curve.name())
                .holding(pieces);
    }

    private static double x(Axis across, double value) {
        return LEFT + (RIGHT - LEFT) * across.share(value);
    }

    private static double y(Axis up, double value) {
        return BOTTOM - (BOTTOM - TOP) * up.share(value);
    }

    private static Tag words(double x, double y, String anchor) {
        return Tag.of("text").with("x", x).with("y", y).with("text-anchor", anchor);
    }

    private static String line(double x1, double y1, double x2, double y2) {
        return "M" + point(x1, y1) + "L" + point(x2, y2);
    }

    private static String point(double x, double y) {
        return String.format(Locale.ROOT, "%.2f,%.2f", x, y);
    }
}
