package org.laco.kernel;

import java.util.ArrayList;
import java.util.List;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.SequenceLayout;

/**
 * Causal attention in host memory, each sequence by itself or with those that continue it, and without padding.
 *
 * <p>What is computed for a row depends on these alone, in an order that depends on nothing else, so that a row's result is the same in
 * every batch.
 */
final class HostAttention {
    /** Rows of a text from which on matrix products are faster than loops, what they cost to call included. */
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
        for (AttendedText text : AttendedText.of(sequences)) {
            if (text.length() < LONG) {
                text.sequences().forEach(sequence -> tasks.addAll(loops.tasks(arrays, sequence)));
            } else {
                tasks.addAll(products.tasks(arrays, text));
            }
        }
        chunks.each(tasks.size(), i -> tasks.get(i).run());
    }
}
