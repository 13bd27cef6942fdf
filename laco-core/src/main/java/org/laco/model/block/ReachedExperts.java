package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.laco.kernel.Kernels;
import org.laco.tensor.LayerWeights;

/**
 * The experts that rows go through, a few of them at a time: threads read these together, each what no other one reads, and let them go before
 * the next.
 *
 * @param experts all experts of the layer
 * @param weights the layer's weights
 * @param kernels the arithmetic
 */
record ReachedExperts(ExpertSet experts, LayerWeights weights, Kernels kernels) {
    /** Experts for each thread that are read before they are used, so that there is enough to share. */
    private static final int AHEAD = 2;

    /** Uses one expert after another. */
    @FunctionalInterface
    interface Use {
        /**
         * Uses an expert.
         *
         * @param expert its number
         * @param weights the weights to use it with, which let its own go afterwards
         */
        void accept(int expert, LayerWeights weights);
    }

    /** Uses experts in their order. */
    void forEach(Iterable<Integer> reached, Use use) {
        List<Integer> order = ImmutableList.copyOf(reached);
        int together = 1;
        for (int next = 0; next < order.size(); ) {
            int end = Math.min(order.size(), next + together);
            try (LayerWeights some = weights.briefly()) {
                readAhead(order.subList(next, end), some);
                for (; next < end; next++) {
                    use.accept(order.get(next), some);
                }
                if (together == 1) {
                    together = together(some.heldBytes());
                }
            }
        }
    }

    /** Returns how many experts of a size this thread takes at a time. */
    private int together(long bytes) {
        long fitting = bytes == 0 ? Integer.MAX_VALUE : weights.bound() / kernels.threads() / bytes;
        return kernels.threads() == 1 ? 1 : (int) Math.max(1, Math.min((long) AHEAD * kernels.threads(), fitting));
    }

    private void readAhead(List<Integer> some, LayerWeights held) {
        if (some.size() > 1) {
            some.parallelStream().forEach(expert -> experts.readAhead(expert, held, kernels));
        }
    }
}
