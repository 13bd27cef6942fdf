package org.laco.io;

import org.laco.measure.ProgressListener;

/**
 * Receives how far the writing of a checkpoint is, or its verification, from the thread that does it.
 *
 * <pre>{@code
 * CheckpointWriter.builder()
 *         .listener((stage, share) -> System.err.printf("%s: %.0f %%%n", stage, 100 * share))
 *         .build();
 * }</pre>
 */
@FunctionalInterface
public interface CheckpointListener {
    /** A listener that does nothing. */
    CheckpointListener NONE = (stage, share) -> {};

    /** What is done, one after the other. */
    enum Stage {
        /** Tensors are made and written. */
        WRITING,
        /** Files are held against the hashes of the record. */
        HASHING,
        /** Weights are made anew from the original, and compared. */
        REPLAYING,
        /** Sequences are run through the original, what was written, or both. */
        MEASURING
    }

    /**
     * Receives the progress.
     *
     * @param stage what is done
     * @param share the share of it that is done, from 0 to 1, never less than before
     */
    void progressed(Stage stage, double share);

    /**
     * Begins a stage.
     *
     * @param stage the stage, of which nothing is done yet
     * @return who is to be told of its progress
     */
    default ProgressListener begin(Stage stage) {
        progressed(stage, 0);
        return share -> progressed(stage, share);
    }
}
