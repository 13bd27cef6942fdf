package org.laco.page;

/**
 * A point of a curve.
 *
 * @param x its place along the plot
 * @param y its value
 * @param error the standard error of the value, 0 if there is none
 * @param tip what is said of it when it is pointed at
 */
public record Mark(double x, double y, double error, String tip) {
    /**
     * Makes a point without a standard error.
     *
     * @param x its place along the plot
     * @param y its value
     * @param tip what is said of it when it is pointed at
     */
    public Mark(double x, double y, String tip) {
        this(x, y, 0, tip);
    }
}
