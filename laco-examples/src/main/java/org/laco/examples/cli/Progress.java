package org.laco.examples.cli;

import org.laco.CollapseListener;

/** Shows how a search goes on until it is closed. */
interface Progress extends CollapseListener, AutoCloseable {
    /** Tells what is done now, besides searching. */
    void phase(String name);

    @Override
    void close();

    /** Shows nothing. */
    static Progress silent() {
        return new Progress() {
            @Override
            public void phase(String name) {}

            @Override
            public void close() {}
        };
    }
}
