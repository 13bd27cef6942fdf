package org.laco.measure;

/** Is told how far a measurement has come. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Receives the progress, from the thread that measures.
     *
     * @param share the share of the work that is done, from 0 to 1, never less than before
     */
    void progressed(double share);
}
