package org.laco.kernel;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.List;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention of sequences that continue others by arithmetic that knows none such: each gets a copy of what it continues. */
final class UnfoldedAttention {
    private final Kernels kernels;
    private final AttentionSpec spec;
    private final SequenceLayout unfolded;
    /** The row of the batch that each row of the unfolded one is copied from. */
    private final int[] copied;
    /** The row of the unfolded batch that each row of the batch has its result from. */
    private final int[] results;

    UnfoldedAttention(Kernels kernels, AttentionSpec spec, SequenceLayout sequences) {
        this.kernels = kernels;
        this.spec = spec;
        this.results = new int[sequences.rows()];
        List<Integer> lengths = new ArrayList<>();
        List<int[]> rows = new ArrayList<>();
        int end = 0;
        for (int i = 0; i < sequences.count(); i++) {
            int[] seen = sequences.rowsUpTo(i);
            rows.add(seen);
            lengths.add(seen.length);
            end += seen.length;
            for (int at = 0; at < sequences.length(i); at++) {
                results[sequences.start(i) + at] = end - sequences.length(i) + at;
            }
        }
        this.unfolded = SequenceLayout.of(lengths);
        this.copied = Ints.concat(rows.toArray(new int[0][]));
    }

    INDArray compute(INDArray queries, INDArray keys, INDArray values) {
        try (INDArray q = kernels.gather(queries, copied);
                INDArray k = kernels.gather(keys, copied);
                INDArray v = kernels.gather(values, copied);
                INDArray weighted = kernels.attention(q, k, v, spec, unfolded)) {
            return kernels.gather(weighted, results);
        }
    }
}
