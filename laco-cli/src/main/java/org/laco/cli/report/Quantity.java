package org.laco.cli.report;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them, the same in every country. */
public final class Quantity {
    private static final String[] UNITS = {"bytes", "kB", "MB", "GB", "TB"};

    private Quantity() {}

    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /**
     * Formats a size.
     *
     * @param bytes the size
     * @return decimal units with three digits, such as {@code 4.70 MB}
     */
    public static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        String form = unit == 0 || value >= 99.95 ? "%.0f %s" : value >= 9.995 ? "%.1f %s" : "%.2f %s";
        return String.format(Locale.ROOT, form, value, UNITS[unit]);
    }

    /**
     * Formats a time.
     *
     * @param duration the time
     * @return seconds with one digit behind the point, such as {@code 1.5 s}
     */
    public static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    /** Formats a change such as {@code -25.0 %}. */
    static String change(long before, long after) {
        return String.format(Locale.ROOT, "%+.1f %%", 100.0 * (after - before) / before);
    }
}
