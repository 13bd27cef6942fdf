package org.laco.measure;

import com.google.common.collect.ImmutableList;

/** A metric of next-token distributions, which can take its numbers from a computation of the logits that several metrics share. */
interface NextTokenMetric extends Metric {
    @Override
    default boolean needsLogits() {
        return true;
    }

    /** Picks this metric's number of each sequence. */
    ImmutableList<Double> perSequence(NextTokens nextTokens);
}
