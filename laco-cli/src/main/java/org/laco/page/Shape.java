package org.laco.page;

import java.util.Locale;

/** The shapes of points, so that a curve can be told from another without its colour. */
enum Shape {
    CIRCLE("M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z"),
    SQUARE("M-3.6,-3.6H3.6V3.6H-3.6Z"),
    DIAMOND("M0,-5L5,0L0,5L-5,0Z"),
    UP("M0,-5L4.8,3.6H-4.8Z"),
    DOWN("M0,5L4.8,-3.6H-4.8Z");

    private final String path;

    Shape(String path) {
        this.path = path;
    }

    /** Draws it around a point. */
    Tag at(double x, double y) {
        return Tag.of("path")
                .with("d", path)
                .with("transform", String.format(Locale.ROOT, "translate(%.2f %.2f)", x, y));
    }
}
