package org.laco.cli.progress;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import org.laco.output.RoughTime;
import org.laco.search.CollapseStep;

/**
 * How long a search still takes, where that can be known: of the paper's schedule, what it takes if no further candidate is accepted; of one that
 * says how much it does at most, that; of a search that compares single spans of layers from the bottom up, the rest of that part.
 */
final class SearchCourse {
    /** Before, one slow layer would decide. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(3);

    private final Stopwatch watch;
    private int layers;
    private long announcedRuns;
    private long expectedRuns;
    private long runs;
    private int first;
    private int last;

    SearchCourse(Ticker ticker) {
        this.watch = Stopwatch.createUnstarted(ticker);
    }

    /** Says how often a layer is run at most in the search that is about to start, the pass of the original included. */
    void expect(long layerRuns) {
        announcedRuns = layerRuns;
    }

    /** Says how often a layer is run at most from now on. */
    void expected(long layerRuns) {
        expectedRuns = runs + layerRuns;
    }

    void started(int ofOriginal) {
        layers = ofOriginal;
        expectedRuns = announcedRuns;
        announcedRuns = 0;
        first = -1;
        last = -1;
        runs = 0;
        watch.reset().start();
    }

    void layerRun(int candidates) {
        runs += Math.max(1, candidates);
    }

    /** Returns how much of what is to be run at most has been run, nothing where that isn't known. */
    OptionalDouble share() {
        return expectedRuns > runs && runs > 0
                ? OptionalDouble.of((double) runs / expectedRuns)
                : OptionalDouble.empty();
    }

    /** Returns what is left at most, where that is known. */
    Optional<String> left() {
        return isLongEnough() && share().isPresent()
                ? Optional.of("at most " + RoughTime.left(watch.elapsed(), share().getAsDouble()) + " left")
                : Optional.empty();
    }

    private boolean isLongEnough() {
        return watch.isRunning() && watch.elapsed().compareTo(LONG_ENOUGH) >= 0;
    }

    /** Returns what is left after a candidate was decided on. */
    Optional<String> decided(CollapseStep step) {
        boolean upward = first < 0 || first <= last && last <= step.layer();
        first = first < 0 ? step.layer() : upward ? first : layers;
        last = step.layer();
        Optional<String> left = left();
        if (left.isPresent()) {
            return left;
        }
        if (isLongEnough() && expectedRuns == 0 && upward && first < last && last < layers - 3) {
            double done = (double) work(first, last) / work(first, layers - 2);
            return Optional.of(RoughTime.left(watch.elapsed(), done) + " left of comparing single spans");
        }
        return Optional.empty();
    }

    /** What is run for the candidates at some base layers: each runs through all layers above it. */
    private long work(int from, int to) {
        long work = 0;
        for (int layer = from; layer <= to; layer++) {
            work += layers - layer;
        }
        return work;
    }
}
