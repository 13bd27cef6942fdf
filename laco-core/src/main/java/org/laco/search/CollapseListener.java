package org.laco.search;

import org.laco.evaluate.PassListener;
import org.laco.fit.FitListener;

/** Receives the progress of a collapse, on the searching thread. All methods do nothing by default. */
public interface CollapseListener extends PassListener, FitListener {
    /** A listener that does nothing. */
    CollapseListener NONE = new CollapseListener() {};

    /**
     * The original model's layers are about to be run.
     *
     * @param layers the number of layers of the original model
     */
    default void started(int layers) {}

    /**
     * The search knows what it takes from now on, at most.
     *
     * @param layerRuns how often a layer will be run until the search ends, each candidate counted by itself; what is known already is run
     *     no more
     */
    default void expected(long layerRuns) {}

    /**
     * A candidate has been decided on.
     *
     * @param step the candidate and what became of it
     * @param layers the number of layers that the current model has now
     */
    default void decided(CollapseStep step, int layers) {}

    /**
     * Returns a listener that tells both this one and another of everything, this one first.
     *
     * @param other the other listener
     * @return both
     */
    default CollapseListener andThen(CollapseListener other) {
        return new ListenerPair(this, other);
    }
}
