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
 */
public record Curve(String name, int style, ImmutableList<Mark> marks) {
    /**
     * Makes a curve.
     *
     * @param name what it is called
     * @param style the number of its colour and shape, from 0
     * @param marks the points, in the order in which they are joined
     */
    public Curve(String name, int style, List<Mark> marks) {
        this(name, style, ImmutableList.copyOf(marks));
    }

    /** The colour's number in the style sheet; with five shapes, thirty styles can be told apart. */
    String colour() {
        return "c" + style % 6;
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
        return Tag.of("g")
                .with("class", colour())
                .holding(
                        Tag.of("path")
                                .with("d", String.format(Locale.ROOT, "M%.1f,%.1fh24", x - 12, y))
                                .with("class", "line")
                                .holding(),
                        shape().at(x, y).with("class", "dot").holding());
    }
}
