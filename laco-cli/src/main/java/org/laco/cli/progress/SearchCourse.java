package org.laco.cli.progress;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.Optional;
import org.laco.output.RoughTime;
import org.laco.search.CollapseStep;

/**
 * How long a search still takes, where that can be known: of the paper's schedule, what it takes if no further candidate is accepted; of a search
 * that compares single spans of layers from the bottom up, the rest of that part. Nothing is said of searches that begin anew after each merge.
 */
final class SearchCourse {
    /** Before, one slow layer would decide. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(3);

    private final Stopwatch watch;
    private int layers;
    private long expectedRuns;
    private long runs;
    private int first;
    private int last;

    SearchCourse(Ticker ticker) {
        this.watch = Stopwatch.createUnstarted(ticker);
    }

    /** Says how often a layer is run at most. */
    void expect(long layerRuns) {
        expectedRuns = layerRuns;
    }

    void started(int ofOriginal) {
        layers = ofOriginal;
        first = -1;
        last = -1;
        runs = 0;
        watch.reset().start();
    }

    void layerRun(int candidates) {
        runs += Math.max(1, candidates);
    }

    /** Returns what is left after a candidate was decided on. */
    Optional<String> decided(CollapseStep step) {
        boolean upward = first < 0 || first <= last && last <= step.layer();
        first = first < 0 ? step.layer() : upward ? first : layers;
        last = step.layer();
        if (!watch.isRunning() || watch.elapsed().compareTo(LONG_ENOUGH) < 0) {
            return Optional.empty();
        }
        if (expectedRuns > runs && runs > 0) {
            return Optional.of("at most " + RoughTime.left(watch.elapsed(), (double) runs / expectedRuns) + " left");
        }
        if (expectedRuns == 0 && upward && first < last && last < layers - 3) {
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
