package org.laco;

import java.util.Optional;

/** Is told how a search goes on, in the thread of the search. All methods do nothing by default. */
public interface CollapseListener {
    /** A listener that does nothing. */
    CollapseListener NONE = new CollapseListener() {};

    /**
     * The original model's layers are about to be run.
     *
     * @param layers the number of layers of the original model
     */
    default void started(int layers) {}

    /**
     * The weights of a layer are about to be read.
     *
     * @param bytes their stored size, that of every layer that is merged into it included
     */
    default void layerRead(long bytes) {}

    /**
     * A layer has been run, of the original model or of candidates.
     *
     * @param layer the layer's number
     * @param candidates the number of candidates whose rows ran through it together, 0 for the original model
     */
    default void layerRun(int layer, int candidates) {}

    /**
     * A candidate has been decided on.
     *
     * @param step the candidate and what became of it
     * @param layers the number of layers that the current model has now
     */
    default void decided(CollapseStep step, int layers) {}

    /**
     * A layer has been fitted to calibration sequences.
     *
     * @param layer the number of the plan's layer
     * @param fitted the fitted weight, empty if the fit was no better on held-out sequences and was not taken
     */
    default void refit(int layer, Optional<RefitTensor> fitted) {}

    /**
     * A number of fits has ended: those of one plan, or those of single runs that a search compares.
     *
     * @param cost what they cost
     */
    default void refitEnded(RefitCost cost) {}
}
