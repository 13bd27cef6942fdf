package org.laco.sweep;

import java.io.IOException;
import java.nio.file.Path;
import org.laco.CollapseResult;
import org.laco.train.PostTrainingResult;

/** The training of what a sweep's searches found, the same for each. */
@FunctionalInterface
public interface SweepTraining {
    /**
     * Trains a collapsed model toward its original.
     *
     * @param found the model
     * @param point a path that is this point's alone, beside which the state of the training is kept while it lasts
     * @return the trained weights
     * @throws IOException if a state that was kept is another training's or damaged, or can't be written
     * @throws IllegalArgumentException if there is nothing to train, such as merged layers where a search merged none
     * @throws UnsupportedOperationException if the model has a part without a derivative
     */
    PostTrainingResult train(CollapseResult found, Path point) throws IOException;
}
