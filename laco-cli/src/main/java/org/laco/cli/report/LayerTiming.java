package org.laco.cli.report;

import com.google.common.base.Stopwatch;
import java.time.Duration;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.search.CostEstimate;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.Precision;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How long one layer takes here, measured.
 *
 * @param bytes the stored size of its weights
 * @param read reading them for the first time, and converting them where that is needed
 * @param merge merging them with those of another layer; zero if nothing is to be merged
 * @param rows how many rows were computed
 * @param compute computing them with weights that were read before
 * @param rowsOfCandidate how many rows a candidate has
 */
record LayerTiming(long bytes, Duration read, Duration merge, int rows, Duration compute, int rowsOfCandidate) {
    /** Runs layers in the middle of the model: with the rows of as many candidates as the largest wave has, and with those of one. */
    static LayerTiming of(CausalModel original, Calibration calibration, CostEstimate estimate) {
        LayerStack model = estimate.rounded() ? original.in(Precision.BFLOAT16).orElse(original) : original;
        SequenceLayout wave = calibration.layout().repeat(estimate.largestBatch());
        int layer = model.layerCount() / 2;
        int unread = Math.max(0, layer - 1);
        try (INDArray one = model.embed(calibration);
                INDArray all = Nd4j.createUninitialized(DataType.FLOAT, new long[] {wave.rows(), one.size(1)}, 'c')) {
            all.assign(1);
            Duration compute = timeAgain(model, layer, all, wave);
            // Few rows, so that what is more is not lost in how much computing varies.
            Duration least = timeAgain(model, layer, one, calibration.layout());
            Duration read = moreThan(least, time(model, unread, one, calibration.layout()));
            Duration merge = Duration.ZERO;
            if (estimate.bytesMerged() > 0 && unread < layer) {
                LayerStack merged = model.collapsed(
                        CollapsePlan.identity(model.layerCount()).merge(unread, 1, MergeRules.mean()));
                merge = moreThan(least, time(merged, unread, one, calibration.layout()));
            }
            return new LayerTiming(
                    model.tensors(unread).values().stream()
                            .mapToLong(tensor -> tensor.tensor().byteLength())
                            .sum(),
                    read,
                    merge,
                    wave.rows(),
                    compute,
                    calibration.layout().rows());
        }
    }

    /** The first time, Java's compiler and the BLAS get ready. */
    private static Duration timeAgain(LayerStack model, int layer, INDArray hidden, SequenceLayout sequences) {
        time(model, layer, hidden, sequences);
        return time(model, layer, hidden, sequences);
    }

    private static Duration time(LayerStack model, int layer, INDArray hidden, SequenceLayout sequences) {
        Stopwatch running = Stopwatch.createStarted();
        try (LayerWeights weights = LayerWeights.load(model.tensors(layer))) {
            model.forward(layer, weights, hidden, sequences).close();
        }
        return running.elapsed();
    }

    private static Duration moreThan(Duration compute, Duration whole) {
        return whole.compareTo(compute) < 0 ? Duration.ZERO : whole.minus(compute);
    }

    /** Estimates how long a search takes if layers are read, merged and computed one after the other. */
    Duration of(CostEstimate estimate) {
        double reading = (double) read.toNanos() / bytes * estimate.bytesRead();
        double merging = merge.toNanos() / (2.0 * bytes) * estimate.bytesMerged();
        double computing = (double) compute.toNanos() / rows * rowsOfCandidate * estimate.layerRuns();
        return Duration.ofNanos((long) (reading + merging + computing));
    }
}
