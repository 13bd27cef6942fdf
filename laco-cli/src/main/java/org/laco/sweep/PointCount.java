package org.laco.sweep;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import org.laco.output.RoughTime;

/**
 * Counts the points of a sweep, and says how long the rest will take: as long for each as those on average that this run has made. Points of a
 * run before don't count, since they take no time.
 */
final class PointCount {
    private final int total;
    private final Stopwatch watch;
    private int begun;
    private int made;

    PointCount(int total, Ticker ticker) {
        this.total = total;
        this.watch = Stopwatch.createStarted(ticker);
    }

    /** Passes points by that are there already or can't be had. */
    void skip(int points) {
        begun += points;
    }

    /** Begins a point once the one before is done, and says which of all it is, and how long it and the rest will take if that is known. */
    String begin(String name) {
        int left = total - begun;
        begun++;
        String time = made == 0
                ? ""
                : ", " + RoughTime.of(watch.elapsed().dividedBy(made).multipliedBy(left)) + " left";
        made++;
        return "point " + begun + " of " + total + time + ": " + name;
    }
}
