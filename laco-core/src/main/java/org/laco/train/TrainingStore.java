package org.laco.train;

import java.io.IOException;
import java.util.Optional;

/** Where a training keeps its state, so that it can go on after it was cut off. */
public interface TrainingStore {
    /**
     * Reads what was kept.
     *
     * @return the state, whose arrays the caller closes; empty if nothing was kept
     * @throws IOException if it can't be read; the message names the file
     */
    Optional<TrainingState> load() throws IOException;

    /**
     * Keeps a state in the place of the one before it, completely or not at all.
     *
     * @param state the state, whose arrays are only valid during the call
     * @throws IOException if it can't be written; the message names the file
     */
    void save(TrainingState state) throws IOException;
}
