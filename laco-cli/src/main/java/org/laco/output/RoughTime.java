package org.laco.output;

import java.time.Duration;
import java.util.Locale;

/** How long something still takes, as exactly as that can be known. */
public final class RoughTime {
    private static final long SIXTY = 60;

    /** From here on seconds say nothing. */
    private static final long MINUTES_ALONE = 10;

    private RoughTime() {}

    /**
     * Formats a time.
     *
     * @param time the time
     * @return such as {@code 40 s}, {@code 2 min 10 s}, {@code 14 min} or {@code 3 h 20 min}
     */
    public static String of(Duration time) {
        long seconds = Math.round(time.toMillis() / 1000.0);
        if (seconds < SIXTY) {
            return seconds + " s";
        }
        if (seconds < MINUTES_ALONE * SIXTY) {
            return String.format(Locale.ROOT, "%d min %d s", seconds / SIXTY, seconds % SIXTY);
        }
        long minutes = Math.round(seconds / (double) SIXTY);
        return minutes < SIXTY
                ? minutes + " min"
                : String.format(Locale.ROOT, "%d h %d min", minutes / SIXTY, minutes % SIXTY);
    }

    /**
     * Formats how long the rest of some work takes, if that goes on as fast as it went so far.
     *
     * @param spent the time so far
     * @param done the share of the work that is done, above 0 and at most 1
     * @return as {@link #of} has it
     */
    public static String left(Duration spent, double done) {
        return of(Duration.ofMillis(Math.round(spent.toMillis() * (1 - done) / done)));
    }
}
