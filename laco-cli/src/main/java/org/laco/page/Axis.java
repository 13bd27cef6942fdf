package org.laco.page;

import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * How values lie along a side of a plot, and where it is labelled.
 *
 * @param low the value at its beginning
 * @param high the value at its end
 * @param logarithmic whether equal ratios are equally far apart, rather than equal differences
 * @param ticks the values that are labelled
 * @param digits the digits behind the point that labels need
 */
record Axis(double low, double high, boolean logarithmic, ImmutableList<Double> ticks, int digits) {
    /** About so many labels. */
    private static final int LABELS = 6;

    /** What is left free at both ends, as a share of the range. */
    private static final double MARGIN = 0.04;

    /** From this ratio on, labels are 1, 2 and 5 times powers of ten; below they are equally far apart. */
    private static final double WIDE = 12;

    private static final double DECADES_WITH_ALL_LABELS = 2.5;

    /** Takes an axis on which all values are; a logarithmic one only if they are above zero. */
    static Axis of(Collection<Double> values, boolean logarithmic) {
        double least = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(1);
        if (logarithmic && least > 0) {
            double factor = least < most ? Math.pow(most / least, MARGIN) : 2;
            return logarithmic(least / factor, most * factor);
        }
        double space = least < most ? MARGIN * (most - least) : Math.max(Math.abs(least), 1) / 2;
        return linear(least - space, most + space);
    }

    /** Takes an axis with labels that are equally far apart. */
    static Axis linear(double low, double high) {
        return even(low, high, false);
    }

    /** Labels every whole number. */
    Axis everyNumber() {
        ImmutableList.Builder<Double> numbers = ImmutableList.builder();
        for (long number = (long) Math.ceil(low); number <= high; number++) {
            numbers.add((double) number);
        }
        return new Axis(low, high, logarithmic, numbers.build(), 0);
    }

    private static Axis even(double low, double high, boolean logarithmic) {
        double rough = (high - low) / LABELS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = DoubleStream.of(1, 2, 5, 10)
                .map(each -> each * power)
                .filter(each -> each >= rough * (1 - 1e-9))
                .findFirst()
                .orElse(10 * power);
        ImmutableList.Builder<Double> ticks = ImmutableList.builder();
        for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
            ticks.add(i * step);
        }
        return new Axis(low, high, logarithmic, ticks.build(), digits(step));
    }

    private static Axis logarithmic(double low, double high) {
        if (high / low < WIDE) {
            return even(low, high, true);
        }
        boolean all = Math.log10(high / low) <= DECADES_WITH_ALL_LABELS;
        ImmutableList.Builder<Double> ticks = ImmutableList.builder();
        for (int power = (int) Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
            for (int factor : all ? new int[] {1, 2, 5} : new int[] {1}) {
                double tick = factor * Math.pow(10, power);
                if (low <= tick && tick <= high) {
                    ticks.add(tick);
                }
            }
        }
        return new Axis(low, high, true, ticks.build(), digits(low));
    }

    private static int digits(double step) {
        return (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    }

    /** Returns where a value lies, 0 at the beginning and 1 at the end. */
    double share(double value) {
        return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    }

    /** Writes a label. */
    String label(double tick) {
        double small = Math.abs(tick);
        return small >= 1e7 || small > 0 && small < 1e-5
                ? String.format(Locale.ROOT, "%.0e", tick)
                : String.format(Locale.ROOT, "%,." + digits + "f", tick);
    }
}
