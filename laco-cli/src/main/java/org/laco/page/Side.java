package org.laco.page;

import java.util.Collection;

/**
 * What is said of a side of a plot before its values are known.
 *
 * @param title the quantity, with its unit
 * @param logarithmic whether equal ratios are equally far apart, if all values are above zero
 * @param labelsEveryNumber whether every whole number is labelled, as where these are layers
 */
record Side(String title, boolean logarithmic, boolean labelsEveryNumber) {
    /** Makes a side on which equal differences are equally far apart. */
    static Side linear(String title) {
        return new Side(title, false, false);
    }

    Side byRatios() {
        return new Side(title, true, labelsEveryNumber);
    }

    Side everyNumber() {
        return new Side(title, logarithmic, true);
    }

    /** Returns an axis on which all values are. */
    Axis axis(Collection<Double> values) {
        Axis axis = Axis.of(values, logarithmic);
        return labelsEveryNumber ? axis.everyNumber() : axis;
    }
}
