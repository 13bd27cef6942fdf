package org.laco.cli.progress;

import com.google.common.base.Ticker;
import java.io.PrintWriter;
import java.util.Optional;
import org.laco.search.CollapseListener;

/** Shows how work goes on until it is closed. */
public interface Progress extends CollapseListener, AutoCloseable {
    /**
     * Begins work whose end isn't known.
     *
     * @param name what is done
     */
    void phase(String name);

    /**
     * Returns how much of the present phase is done.
     *
     * @param done the share, from 0 to 1
     */
    void share(double done);

    /**
     * Tells how far the present phase is, and more of it where there is room.
     *
     * @param done the share, from 0 to 1
     * @param text a few words
     */
    default void detail(double done, String text) {
        share(done);
    }

    /**
     * Tells how much a search does at most, before it starts.
     *
     * @param layerRuns how often a layer is run, each candidate counted by itself
     */
    default void expect(long layerRuns) {}

    /**
     * Tells what is worth a line in a log.
     *
     * @param line the line
     */
    default void note(String line) {}

    @Override
    void close();

    /**
     * Shows progress on standard error: as a bar on a terminal, as lines elsewhere.
     *
     * @param lines where the lines go
     * @return the progress
     */
    static Progress shown(PrintWriter lines) {
        return TerminalProgress.isTerminal() ? new TerminalProgress() : new LineProgress(lines, Ticker.systemTicker());
    }

    /**
     * Shows progress as {@link #shown(PrintWriter)} does, with the decisions of a search in a place of their own where there is no bar.
     *
     * @param lines where the other lines go
     * @param decisions what shows the decisions
     * @return the progress
     */
    static Progress shown(PrintWriter lines, CollapseListener decisions) {
        return TerminalProgress.isTerminal()
                ? new TerminalProgress()
                : new LineProgress(lines, Ticker.systemTicker(), Optional.of(decisions));
    }

    /**
     * Shows nothing.
     *
     * @return the progress
     */
    static Progress silent() {
        return new Progress() {
            @Override
            public void phase(String name) {}

            @Override
            public void share(double done) {}

            @Override
            public void close() {}
        };
    }
}
