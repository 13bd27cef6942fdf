package org.laco.stack;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Takes the logits of some tokens of the vocabulary. */
@FunctionalInterface
public interface LogitPart {
    /**
     * Takes a part of the logits. Several threads may call this at the same time, each with another part.
     *
     * @param firstToken the first of the tokens
     * @param logits their logits {@code [rows, tokens]}, which are gone when this returns
     */
    void accept(int firstToken, INDArray logits);
}
