package org.laco.evaluate;

/** Receives the progress of passes through a model's layers, on the thread that computes. All methods do nothing by default. */
public interface PassListener {
    /** A listener that does nothing. */
    PassListener NONE = new PassListener() {};

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
}
