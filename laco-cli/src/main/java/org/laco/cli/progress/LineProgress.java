package org.laco.cli.progress;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.laco.search.CollapseListener;
import org.laco.search.CollapseStep;

/** Writes one line for each decision, for logs, and now and then one that says how long the present work still takes. */
final class LineProgress implements Progress {
    /** How often a line says what is left: a log is read afterwards. */
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(15);

    private final PrintWriter out;
    private final SearchCourse search;
    private final PhaseCourse course;
    private final Stopwatch sinceLine;
    private final Optional<CollapseListener> decisions;
    private String phase = "";

    LineProgress(PrintWriter out, Ticker ticker) {
        this(out, ticker, Optional.empty());
    }

    /** Leaves decisions to someone else. */
    LineProgress(PrintWriter out, Ticker ticker, Optional<CollapseListener> decisions) {
        this.out = out;
        this.decisions = decisions;
        this.search = new SearchCourse(ticker);
        this.course = new PhaseCourse(ticker);
        this.sinceLine = Stopwatch.createStarted(ticker);
    }

    @Override
    public void started(int layers) {
        search.started(layers);
        out.println("running the original model's " + layers + " layers");
    }

    @Override
    public void expect(long layerRuns) {
        search.expect(layerRuns);
    }

    @Override
    public void expected(long layerRuns) {
        search.expected(layerRuns);
    }

    @Override
    public void layerRun(int layer, int candidates) {
        search.layerRun(candidates);
        // Some searches decide on many candidates at once, after minutes.
        if (isTimeForALine()) {
            search.left().ifPresent(this::say);
        }
    }

    private boolean isTimeForALine() {
        return sinceLine.elapsed().compareTo(BETWEEN_LINES) >= 0;
    }

    private void say(String left) {
        out.println("search: " + left);
        sinceLine.reset().start();
    }

    @Override
    public void decided(CollapseStep step, int layers) {
        Optional<String> left = search.decided(step);
        if (decisions.isEmpty()) {
            out.println(StepText.sentence(step) + "; " + layers + " layers now"
                    + left.map(time -> ", " + time).orElse(""));
            return;
        }
        decisions.get().decided(step, layers);
        if (isTimeForALine()) {
            left.ifPresent(this::say);
        }
    }

    @Override
    public void phase(String name) {
        phase = name;
        course.begun();
        sinceLine.reset().start();
        out.println(name);
    }

    @Override
    public void share(double done) {
        if (isTimeForALine()) {
            course.left(done).ifPresent(left -> {
                out.printf(Locale.ROOT, "%s: %.0f %%, %s%n", phase, 100 * done, left);
                sinceLine.reset().start();
            });
        }
    }

    @Override
    public void detail(double done, String text) {
        if (isTimeForALine()) {
            out.println(phase + ": " + text);
            sinceLine.reset().start();
        }
    }

    @Override
    public void note(String line) {
        out.println(line);
    }

    @Override
    public void close() {
        out.flush();
    }
}
