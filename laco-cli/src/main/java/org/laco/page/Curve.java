package org.laco.page;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;

/**
 * A line of a plot through points, in their order.
 *
 * @param name what it is called, in all plots of a page the same
 * @param style the number of its colour and shape; equal numbers look alike in every plot
 * @param marks the points
 * @param dotted whether each point is drawn and can be pointed at, or the line alone
 */
public record Curve(String name, int style, ImmutableList<Mark> marks, boolean dotted) {
    /**
     * Makes a curve.
     *
     * @param name what it is called
     * @param style the number of its colour and shape, from 0
     * @param marks the points, in the order in which they are joined
     */
    public Curve(String name, int style, List<Mark> marks) {
        this(name, style, ImmutableList.copyOf(marks), true);
    }

    /**
     * Makes a thin curve whose points aren't drawn, for hundreds of them.
     *
     * @param name what it is called
     * @param style the number of its colour, from 0
     * @param marks the points, in the order in which they are joined; nothing is said of them
     * @return the curve
     */
    public static Curve thin(String name, int style, List<Mark> marks) {
        return new Curve(name, style, ImmutableList.copyOf(marks), false);
    }

    /** The points that are drawn. */
    ImmutableList<Mark> dots() {
        return dotted ? marks : ImmutableList.of();
    }

    /** Its classes in the style sheet, of which one is the colour; with five shapes, thirty styles can be told apart. */
    String look() {
        return "c" + style % 6 + (dotted ? "" : " thin");
    }

    Shape shape() {
        return Shape.values()[style % Shape.values().length];
    }

    /**
     * Draws how its points look, for a legend.
     *
     * @return a small picture
     */
    public Markup sign() {
        return Tag.of("svg")
                .with("viewBox", "0 0 26 14")
                .with("aria-hidden", "true")
                .holding(sign(13, 7));
    }

    /** Draws how its points look, around a point. */
    Markup sign(double x, double y) {
        Markup line = Tag.of("path")
                .with("d", String.format(Locale.ROOT, "M%.1f,%.1fh24", x - 12, y))
                .with("class", "line")
                .holding();
        return Tag.of("g")
                .with("class", look())
                .holding(
                        dotted
                                ? List.of(
                                        line,
                                        shape().at(x, y).with("class", "dot").holding())
                                : List.of(line));
    }
}
