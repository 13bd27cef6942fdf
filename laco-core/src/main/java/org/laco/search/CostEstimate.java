package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.List;
import org.laco.evaluate.Batching;
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
 * @param batches how many groups of candidates are scored together
 * @param largestBatch the number of candidates in the largest group
 * @param bytesRead the bytes of the weights that are read, each batch reading a layer once
 * @param bytesMerged those among them from which merged weights are computed; 0 if the rule takes weights as they are
 * @param operations the floating-point operations of the matrix products
 * @param peakBytes the memory that is held at the same time, mapped files not counted
 * @param rounded whether candidates are screened in less precision
 */
public record CostEstimate(
        int candidates,
        long layerRuns,
        int batches,
        int largestBatch,
        long bytesRead,
        long bytesMerged,
        double operations,
        long peakBytes,
        boolean rounded) {
    /** Walks through the schedule as the search does, refusing every candidate. */
    static CostEstimate of(
            Schedule schedule, LayerStack stack, Calibration calibration, MergeRule rule, Batching batching) {
        int layers = stack.layerCount();
        schedule.check(layers);
        Tally tally = Tally.of(stack, calibration);
        tally.runAll();
        Schedule.Walk walk = schedule.walk(layers);
        while (walk.isInRange()) {
            ImmutableList<Integer> bases = walk.ahead(
                    base -> candidates(base, schedule.following(base, layers), rule)
                            .size(),
                    base -> true,
                    batching);
            List<Candidate> ahead = bases.stream()
                    .flatMap(base -> candidates(base, schedule.following(base, layers), rule).stream())
                    .toList();
            Lists.partition(ahead, batching.size()).forEach(tally::batch);
            bases.forEach(base -> walk.decided(false));
        }
        MemoryNeed need = MemoryNeed.of(stack, calibration, rule);
        return new CostEstimate(
                tally.candidates,
                tally.layerRuns,
                tally.batches,
                tally.largestBatch,
                tally.bytesRead,
                tally.bytesMerged,
                tally.operations,
                need.base() + tally.largestBatch * need.candidate(),
                false);
    }

    /**
     * Returns the estimate of a search that screens candidates in less precision.
     *
     * @return the same otherwise
     */
    public CostEstimate byRounding() {
        return new CostEstimate(
                candidates, layerRuns, batches, largestBatch, bytesRead, bytesMerged, operations, peakBytes, true);
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
        private final long[] bytesOfLayer;
        private final double[] operationsOfLayer;
        private int candidates;
        private int batches;
        private int largestBatch;
        private long layerRuns;
        private long bytesRead;
        private long bytesMerged;
        private double operations;

        private Tally(int layers) {
            this.bytesOfLayer = new long[layers];
            this.operationsOfLayer = new double[layers];
        }

        static Tally of(LayerStack stack, Calibration calibration) {
            Tally tally = new Tally(stack.layerCount());
            for (int i = 0; i < stack.layerCount(); i++) {
                for (LayerTensor tensor : stack.tensors(i).values()) {
                    tally.bytesOfLayer[i] += tensor.tensor().byteLength();
                    if (tensor.role() == TensorRole.LINEAR) {
                        tally.operationsOfLayer[i] += 2.0
                                * calibration.layout().rows()
                                * tensor.tensor().length();
                    }
                }
            }
            return tally;
        }

        /** Counts the pass of the original. */
        void runAll() {
            for (int layer = 0; layer < bytesOfLayer.length; layer++) {
                layerRuns++;
                bytesRead += bytesOfLayer[layer];
                operations += operationsOfLayer[layer];
            }
        }

        void batch(List<Candidate> batch) {
            // Merged layers come first in each candidate; the layers above the lowest are read once a batch.
            Candidate lowest = batch.get(batch.size() - 1);
            batch.forEach(candidate -> candidate(candidate, candidate == lowest));
            batches++;
            candidates += batch.size();
            largestBatch = Math.max(largestBatch, batch.size());
        }

        /** Counts a candidate; the lowest of its batch reads the layers above, the others their merged layer only. */
        private void candidate(Candidate candidate, boolean lowest) {
            int above = candidate.base + candidate.merged + 1;
            layerRuns += bytesOfLayer.length - above + 1;
            operations += operationsOfLayer[candidate.base];
            bytesRead += candidate.read * bytesOfLayer[candidate.base];
            bytesMerged += candidate.read > 1 ? candidate.read * bytesOfLayer[candidate.base] : 0;
            for (int layer = above; layer < bytesOfLayer.length; layer++) {
                operations += operationsOfLayer[layer];
                bytesRead += lowest ? bytesOfLayer[layer] : 0;
            }
        }
    }
}
