package org.laco.page;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * Values of spans of numbered things, such as layers, as SVG: each is a line from its first to its last at the height of its value, a point if it is
 * one alone.
 *
 * @param name what the picture is of
 * @param xTitle what is numbered
 * @param yTitle the quantity
 * @param first the first number on the axis
 * @param last the last number on the axis
 * @param spans what is drawn
 * @param reference a value to compare with, drawn across
 * @param referenceName what that is
 */
public record SpanPlot(
        String name,
        String xTitle,
        String yTitle,
        int first,
        int last,
        ImmutableList<Span> spans,
        OptionalDouble reference,
        String referenceName) {
    private static final double WIDTH = 760;
    private static final double HEIGHT = 360;
    private static final double LEFT = 72;
    private static final double TOP = 16;
    private static final double RIGHT = WIDTH - 16;
    private static final double BOTTOM = HEIGHT - 52;

    /** Labels on the axis of numbers are that far apart at least. */
    private static final double LABEL = 20;

    /**
     * A span with its value.
     *
     * @param first its first number
     * @param last its last number
     * @param value its value, a finite number
     * @param strong whether it stands out among the others
     * @param tip what is said of it when it is pointed at
     */
    public record Span(int first, int last, double value, boolean strong, String tip) {}

    /**
     * Draws it.
     *
     * @return the picture
     */
    public Markup svg() {
        Axis up = Axis.of(
                DoubleStream.concat(spans.stream().mapToDouble(Span::value), reference.stream())
                        .boxed()
                        .toList(),
                false);
        List<Markup> pieces = new ArrayList<>();
        for (double tick : up.ticks()) {
            pieces.add(line("grid", LEFT, y(up, tick), RIGHT, y(up, tick)));
            pieces.add(words(LEFT - 8, y(up, tick) + 4, "end").text(up.label(tick)));
        }
        int step = (int) Math.max(1, Math.ceil(LABEL / unit()));
        for (int number = first; number <= last; number += step) {
            pieces.add(line("tick", x(number), BOTTOM, x(number), BOTTOM + 5));
            pieces.add(words(x(number), BOTTOM + 20, "middle").text(String.valueOf(number)));
        }
        pieces.add(line("tick", LEFT, BOTTOM, RIGHT, BOTTOM));
        pieces.add(words((LEFT + RIGHT) / 2, HEIGHT - 12, "middle").text(xTitle));
        pieces.add(words(0, 0, "middle")
                .with("transform", "translate(16 " + (TOP + BOTTOM) / 2 + ") rotate(-90)")
                .text(yTitle));
        reference.ifPresent(value -> {
            pieces.add(line("reference", LEFT, y(up, value), RIGHT, y(up, value)));
            pieces.add(words(RIGHT - 4, y(up, value) - 6, "end")
                    .with("class", "faint")
                    .text(referenceName));
        });
        // What stands out is drawn last, and covered by nothing.
        spans.stream().filter(span -> !span.strong()).forEach(span -> pieces.add(draw(span, up)));
        spans.stream().filter(Span::strong).forEach(span -> pieces.add(draw(span, up)));
        return SvgFile.picture(WIDTH, HEIGHT, name).with("class", "plot").holding(pieces);
    }

    private Markup draw(Span span, Axis up) {
        double y = y(up, span.value());
        List<Markup> pieces = new ArrayList<>();
        pieces.add(Tag.of("title").text(span.tip()));
        if (span.first() < span.last()) {
            pieces.add(line("line", x(span.first()), y, x(span.last()), y));
        }
        pieces.add(Shape.CIRCLE
                .at(x(span.first()), y)
                .with("class", span.strong() ? "dot" : "dot hollow")
                .holding());
        return Tag.of("g")
                .with("class", (span.strong() ? "strong c1" : "weak c0"))
                .with("tabindex", "0")
                .holding(pieces);
    }

    private double unit() {
        return (RIGHT - LEFT) / (last - first + 1);
    }

    private double x(int number) {
        return LEFT + (number - first + 0.5) * unit();
    }

    private static double y(Axis up, double value) {
        return BOTTOM - (BOTTOM - TOP) * up.share(value);
    }

    private static Markup line(String kind, double x1, double y1, double x2, double y2) {
        return Tag.of("path")
                .with("class", kind)
                .with("d", String.format(Locale.ROOT, "M%.2f,%.2fL%.2f,%.2f", x1, y1, x2, y2))
                .holding();
    }

    private static Tag words(double x, double y, String anchor) {
        return Tag.of("text").with("x", x).with("y", y).with("text-anchor", anchor);
    }
}
