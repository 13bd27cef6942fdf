package org.laco.io;

import org.laco.evaluate.EvaluatorFactory;

/** Other machines that score the candidates of a search. */
public interface Cluster extends AutoCloseable {
    /**
     * Returns what scores candidates of a checkpoint's model there.
     *
     * @param checkpoint the checkpoint, where the other machines see it too
     * @return what makes the evaluators of searches
     * @throws IllegalArgumentException if the other machines can't open it
     */
    EvaluatorFactory evaluator(Checkpoint checkpoint);

    /** Lets the machines go. */
    @Override
    void close();
}
