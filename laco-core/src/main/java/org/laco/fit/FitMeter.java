package org.laco.fit;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;

/** Measures what fits cost. */
final class FitMeter {
    private final Stopwatch watch = Stopwatch.createStarted();
    private final long tokens;
    private int solutions;
    private long bytes;

    FitMeter(ImmutableList<FitBatch> batches) {
        tokens = batches.stream().mapToLong(batch -> batch.layout().rows()).sum();
    }

    /** Counts fits of one layer, with the size of what was held for them. */
    void fitted(int count, long held) {
        solutions += count;
        bytes = Math.max(bytes, held);
    }

    FitCost cost() {
        return new FitCost(watch.elapsed(), solutions, tokens, bytes);
    }
}
