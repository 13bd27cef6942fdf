package org.laco.measure;

/** Receives the progress of a measurement. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Receives the progress, from the thread that measures.
     *
     * @param share the share of the work that is done, from 0 to 1, never less than before
     */
    void progressed(double share);
}
