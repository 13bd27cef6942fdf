package org.laco.fit;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import java.util.Collection;

/** Measures what fits cost. */
final class FitMeter {
    private final Stopwatch watch = Stopwatch.createStarted();
    private final long tokens;
    private int solutions;
    private long bytes;

    FitMeter(ImmutableList<FitBatch> batches) {
        tokens = batches.stream().mapToLong(batch -> batch.layout().rows()).sum();
    }

    /** Counts fits of one layer whose sums are still held, beside the hidden states that they were made from. */
    void fitted(int count, LayerFit fit, Collection<HiddenStates> states) {
        solutions += count;
        bytes = Math.max(
                bytes,
                fit.bytes() + states.stream().mapToLong(HiddenStates::bytes).sum());
    }

    FitCost cost() {
        return new FitCost(watch.elapsed(), solutions, tokens, bytes);
    }
}
