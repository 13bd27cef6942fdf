package org.laco.search;

import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.List;
import org.laco.evaluate.MemoryNeed;
import org.laco.merge.MergeRule;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
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
 * @param bytesMerged those among them from which merged weights are computed; 0 if the rule takes weights as they are
 * @param operations the floating-point operations of the matrix products
 * @param peakBytes the memory that is held at the same time, mapped files not counted
 * @param rounded whether candidates are measured by {@link LayerStack#rounded less precise arithmetic}, which is faster here
 */
public record Forecast(
        int candidates,
        long layerRuns,
        int waves,
        int largestWave,
        long bytesRead,
        long bytesMerged,
        double operations,
        long peakBytes,
        boolean rounded) {
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
        int candidates = 0;
        int waves = 0;
        int refused = 0;
        int largest = 0;
        for (int layer = first; layer >= search.low(); ) {
            List<Candidate> ahead = new ArrayList<>();
            int below = layer;
            for (; below >= search.low(); below--) {
                List<Candidate> some =
                        candidates(below, Math.min(search.layersPerMerge() - 1, layers - below - 1), rule);
                int most = SearchSession.ahead((refused + 1) * some.size(), candidatesAtOnce, wholePasses, calibration);
                if (!ahead.isEmpty() && ahead.size() + some.size() > most) {
                    break;
                }
                ahead.addAll(some);
            }
            for (List<Candidate> wave : Lists.partition(ahead, candidatesAtOnce)) {
                // Merged layers come first in each candidate; the layers above the lowest are read once a wave.
                Candidate lowest = wave.get(wave.size() - 1);
                wave.forEach(candidate -> tally.candidate(candidate, candidate == lowest));
                waves++;
                largest = Math.max(largest, wave.size());
            }
            candidates += ahead.size();
            refused += layer - below;
            layer = below;
        }
        MemoryNeed need = MemoryNeed.of(stack, calibration, rule);
        return new Forecast(
                candidates,
                tally.layerRuns,
                waves,
                largest,
                tally.bytesRead,
                tally.bytesMerged,
                tally.total,
                need.base() + largest * need.candidate(),
                false);
    }

    /**
     * Returns the forecast of a search that measures candidates by less precise arithmetic.
     *
     * @return the same otherwise
     */
    public Forecast byRounding() {
        return new Forecast(
                candidates, layerRuns, waves, largestWave, bytesRead, bytesMerged, operations, peakBytes, true);
    }

    /** Returns a candidate for each rule that is tried. */
    private static List<Candidate> candidates(int base, int merged, MergeRule rule) {
        return rule.choices(merged + 1).stream()
                .map(one -> new Candidate(base, merged, one.selects(merged + 1).isPresent() ? 1 : merged + 1))
                .toList();
    }

    /**
     * A candidate.
     *
     * @param base its base layer
     * @param merged the number of layers merged into that
     * @param read the number of layers whose weights are read for the merged one
     */
    private record Candidate(int base, int merged, long read) {}

    private static final class Tally {
        private final long[] bytes;
        private final double[] operations;
        private long layerRuns;
        private long bytesRead;
        private long bytesMerged;
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
        void candidate(Candidate candidate, boolean lowest) {
            int above = candidate.base + candidate.merged + 1;
            layerRuns += bytes.length - above + 1;
            total += operations[candidate.base];
            bytesRead += candidate.read * bytes[candidate.base];
            bytesMerged += candidate.read > 1 ? candidate.read * bytes[candidate.base] : 0;
            for (int layer = above; layer < bytes.length; layer++) {
                total += operations[layer];
                bytesRead += lowest ? bytes[layer] : 0;
            }
        }
    }
}
