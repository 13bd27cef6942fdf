package org.laco.examples.cli;

import org.laco.search.CollapseListener;

/** Shows how work goes on until it is closed. */
interface Progress extends CollapseListener, AutoCloseable {
    /** Begins work whose end isn't known. */
    void phase(String name);

    /** Tells how much of the present phase is done, from 0 to 1. */
    void share(double done);

    @Override
    void close();

    /** Shows nothing. */
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
