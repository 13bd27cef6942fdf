package org.laco.train;

/** The original's distribution of one next token, or as much of it as is kept. */
interface OriginalRow {
    /** Reads what was kept of a row. */
    void read(float[] kept);

    /**
     * Computes KL(original ‖ trained) and adds its gradient by the trained model's logits.
     *
     * @param trained the trained model's distribution
     * @param gradient what the gradient is added to
     * @param factor what it is multiplied by before
     * @return the divergence in nats
     */
    double divergence(NextTokenRow trained, float[] gradient, float factor);
}
