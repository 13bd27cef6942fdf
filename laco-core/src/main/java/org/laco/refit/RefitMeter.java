package org.laco.refit;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import java.util.Collection;
import org.laco.RefitCost;

/** Measures what fits cost. */
final class RefitMeter {
    private final Stopwatch watch = Stopwatch.createStarted();
    private final long tokens;
    private int solutions;
    private long bytes;

    RefitMeter(ImmutableList<FitBatch> batches) {
        tokens = batches.stream().mapToLong(batch -> batch.layout().rows()).sum();
    }

    /** Counts fits of one layer whose sums are still held, beside the hidden states that they were made from. */
    void fitted(int count, LayerFit fit, Collection<HiddenStates> states) {
        solutions += count;
        bytes = Math.max(
                bytes,
                fit.bytes() + states.stream().mapToLong(HiddenStates::bytes).sum());
    }

    RefitCost cost() {
        return new RefitCost(watch.elapsed(), solutions, tokens, bytes);
    }
}
