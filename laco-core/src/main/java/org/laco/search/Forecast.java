package org.laco.search;

import org.laco.Calibration;
import org.laco.LayerStack;
import org.laco.merge.MergeRule;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.TensorRole;

/**
 * What the paper's search will cost at most, known before any weight is read. That is the cost if no candidate is accepted; an
 * accepted one makes the layers above it fewer.
 *
 * @param candidates the number of candidates
 * @param layerRuns how often a layer is run, each candidate counted by itself
 * @param waves how many groups of candidates are measured together
 * @param largestWave the number of candidates in the largest group
 * @param bytesRead the bytes of the weights that are read, each wave reading a layer once
 * @param operations the floating-point operations of the matrix products
 * @param peakBytes the memory that is held at the same time, mapped files not counted
 */
public record Forecast(
        int candidates, long layerRuns, int waves, int largestWave, long bytesRead, double operations, long peakBytes) {
    /**
     * Foresees a search.
     *
     * @param search the search
     * @param stack the stack
     * @param calibration the sequences
     * @param rule how linear weights are merged
     * @param candidatesAtOnce how many candidates are measured together at most
     * @param wholePasses whether waves grow at once to what memory allows
     * @return its cost
     */
    static Forecast of(
            LacoSearch search,
            LayerStack stack,
            Calibration calibration,
            MergeRule rule,
            int candidatesAtOnce,
            boolean wholePasses) {
        int layers = stack.layerCount();
        long[] bytes = new long[layers];
        double[] operations = new double[layers];
        for (int i = 0; i < layers; i++) {
            for (LayerTensor tensor : stack.tensors(i).values()) {
                bytes[i] += tensor.tensor().byteLength();
                if (tensor.role() == TensorRole.LINEAR) {
                    operations[i] +=
                            2.0 * calibration.layout().rows() * tensor.tensor().length();
                }
            }
        }
        Tally tally = new Tally(bytes, operations);
        tally.run(0, layers);
        int first = Math.min(search.high(), layers) - search.layersPerMerge();
        int waves = 0;
        int refused = 0;
        int largest = 0;
        for (int layer = first; layer >= search.low(); waves++) {
            int wave = Math.min(
                    layer - search.low() + 1,
                    SearchSession.ahead(refused + 1, candidatesAtOnce, wholePasses, calibration));
            // Merged layers come first in each candidate; the layers above the lowest are read once a wave.
            int lowest = layer - wave + 1;
            for (int base = layer; base >= lowest; base--) {
                int merged = Math.min(search.layersPerMerge() - 1, layers - base - 1);
                int read = rule.selects(merged + 1).isPresent() ? 1 : merged + 1;
                tally.candidate(base, merged, read, lowest);
            }
            layer = lowest - 1;
            refused += wave;
            largest = Math.max(largest, wave);
        }
        MemoryNeed need = MemoryNeed.of(stack, calibration, rule);
        int candidates = first - search.low() + 1;
        return new Forecast(
                candidates,
                tally.layerRuns,
                waves,
                largest,
                tally.bytesRead,
                tally.total,
                need.base() + largest * need.candidate());
    }

    private static final class Tally {
        private final long[] bytes;
        private final double[] operations;
        private long layerRuns;
        private long bytesRead;
        private double total;

        Tally(long[] bytes, double[] operations) {
            this.bytes = bytes;
            this.operations = operations;
        }

        void run(int from, int to) {
            for (int layer = from; layer < to; layer++) {
                layerRuns++;
                bytesRead += bytes[layer];
                total += operations[layer];
            }
        }

        /** Counts a candidate; the lowest of its wave reads the layers above, the others their merged layer only. */
        void candidate(int base, int merged, int read, int lowest) {
            layerRuns += bytes.length - base - merged;
            total += operations[base];
            bytesRead += read * bytes[base];
            for (int layer = base + merged + 1; layer < bytes.length; layer++) {
                total += operations[layer];
                bytesRead += base == lowest ? bytes[layer] : 0;
            }
        }
    }
}
