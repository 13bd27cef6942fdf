package org.laco.cli.progress;

import com.google.common.base.Ticker;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.laco.search.CollapseStep;

/** Draws a bar on standard error. */
final class TerminalProgress implements Progress {
    private static final int WIDTH = 100;
    private static final long PER_MILLE = 1000;

    private final SearchCourse search = new SearchCourse(Ticker.systemTicker());
    private final PhaseCourse course = new PhaseCourse(Ticker.systemTicker());
    private ProgressBar bar;
    private boolean searching;
    /** Whether the search has said how much it does, so that the bar shows what share of that is done. */
    private boolean measured;

    /** Returns whether standard error is a terminal, which the script finds out; the JDK can't. */
    static boolean isTerminal() {
        return Boolean.getBoolean("laco.terminal");
    }

    @Override
    public void started(int layers) {
        search.started(layers);
        start("original model", layers);
        searching = false;
        measured = false;
    }

    @Override
    public void expect(long layerRuns) {
        search.expect(layerRuns);
    }

    @Override
    public void expected(long layerRuns) {
        search.expected(layerRuns);
        if (!measured) {
            searching = true;
            measured = true;
            start("search", PER_MILLE);
        }
    }

    @Override
    public void layerRun(int layer, int candidates) {
        search.layerRun(candidates);
        if (measured) {
            search.share().ifPresent(this::step);
            search.left().ifPresent(bar::setExtraMessage);
        } else if (candidates == 0) {
            bar.stepTo(layer + 1L);
        }
    }

    @Override
    public void decided(CollapseStep step, int layers) {
        if (!searching) {
            searching = true;
            // Most searches go from the first candidate's layer down to the bottom.
            start("search", step.layer() + 1L);
        }
        if (!measured) {
            bar.stepTo(Math.max(bar.getCurrent(), bar.getMax() - step.layer()));
        }
        bar.setExtraMessage(StepText.layers(step) + " " + StepText.metric(step) + " " + StepText.score(step)
                + (step.accepted() ? " merged" : "") + ", " + layers + " layers"
                + search.decided(step).map(left -> ", " + left).orElse(""));
    }

    @Override
    public void phase(String name) {
        course.begun();
        start(name, -1);
    }

    private void start(String name, long maximum) {
        close();
        bar = new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(maximum)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .clearDisplayOnFinish()
                .hideEta()
                .build();
    }

    @Override
    public void share(double done) {
        step(done);
        bar.setExtraMessage(course.left(done).orElse(""));
    }

    private void step(double done) {
        bar.maxHint(PER_MILLE);
        bar.stepTo(Math.round(PER_MILLE * done));
    }

    @Override
    public void detail(double done, String text) {
        if (done > 0) {
            step(done);
        }
        bar.setExtraMessage(text);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
