package org.laco.kernel;

import java.util.ArrayList;
import java.util.List;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.SequenceLayout;

/**
 * Causal attention in host memory, each sequence by itself and without padding.
 *
 * <p>What is computed for a row depends on its sequence alone, in an order that depends on nothing else, so that a row's result is
 * the same in every batch.
 */
final class HostAttention {
    /** Rows of a sequence from which on matrix products are faster than loops, what they cost to call included. */
    private static final int LONG = 40;

    private final RowChunks chunks;
    private final AttentionLoops loops;
    private final AttentionProducts products;

    HostAttention(AttentionSpec spec, RowChunks chunks, MatrixProduct product, ArrayPool pool) {
        this.chunks = chunks;
        AttentionWeights weights = new AttentionWeights(spec);
        this.loops = new AttentionLoops(spec, weights, chunks);
        this.products = new AttentionProducts(spec, weights, chunks, product, pool);
    }

    void compute(AttentionArrays arrays, SequenceLayout sequences) {
        List<Runnable> tasks = new ArrayList<>();
        for (int i = 0; i < sequences.count(); i++) {
            int start = sequences.start(i);
            int length = sequences.length(i);
            tasks.addAll(length < LONG ? loops.tasks(arrays, start, length) : products.tasks(arrays, start, length));
        }
        chunks.each(tasks.size(), i -> tasks.get(i).run());
    }
}
