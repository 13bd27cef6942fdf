package org.laco.model.block;

import org.laco.tensor.SequenceLayout;

/**
 * Queries that grow with their position p, by {@code 1 + rate · ln(1 + ⌊(p + offset) / period⌋)}, so that attention stays sharp among many
 * positions (as Llama 4 and Ministral 3 do).
 *
 * @param rate how fast they grow
 * @param period the number of positions of one step
 * @param offset what is added to a position
 */
public record QueryGrowth(double rate, int period, int offset) {
    /** Computes the factor of each row. */
    float[] factors(SequenceLayout sequences) {
        float[] factors = new float[sequences.rows()];
        for (int i = 0; i < sequences.count(); i++) {
            for (int row = 0; row < sequences.length(i); row++) {
                long steps = ((long) sequences.position(i) + row + offset) / period;
                factors[sequences.start(i) + row] = (float) (1 + rate * Math.log1p(steps));
            }
        }
        return factors;
    }
}
