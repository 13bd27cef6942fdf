package org.laco.cli.progress;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.Optional;
import org.laco.output.RoughTime;

/** How long a part of some work still takes, from the share of it that is done. */
final class PhaseCourse {
    /** Before, nothing is known. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(2);

    private final Stopwatch watch;

    PhaseCourse(Ticker ticker) {
        this.watch = Stopwatch.createUnstarted(ticker);
    }

    void begun() {
        watch.reset().start();
    }

    /** Returns what is left, nothing as long as too little is done to know. */
    Optional<String> left(double done) {
        return done > 0 && watch.elapsed().compareTo(LONG_ENOUGH) >= 0
                ? Optional.of(RoughTime.left(watch.elapsed(), Math.min(1, done)) + " left")
                : Optional.empty();
    }
}
