package org.laco.examples.cli;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import org.laco.Calibration;
import org.laco.SequenceLayout;
import org.laco.model.CausalModel;
import org.laco.search.Forecast;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How long one layer takes here, measured.
 *
 * @param bytes the stored size of its weights
 * @param read reading them and converting them to float32
 * @param rows how many rows were computed
 * @param compute computing them
 * @param rowsOfCandidate how many rows a candidate has
 */
record LayerTiming(long bytes, Duration read, int rows, Duration compute, int rowsOfCandidate) {
    /** Reads a layer in the middle of the model, and runs the rows of as many candidates as one wave has through it. */
    static LayerTiming of(CausalModel model, Calibration calibration, int candidates) {
        int layer = model.layerCount() / 2;
        ImmutableMap<String, LayerTensor> tensors = model.tensors(layer);
        SequenceLayout sequences = calibration.layout().repeat(candidates);
        try (LayerWeights weights = LayerWeights.load(tensors);
                INDArray embedded = model.embed(calibration);
                INDArray hidden = Nd4j.createUninitialized(
                        DataType.FLOAT, new long[] {sequences.rows(), embedded.size(1)}, 'c')) {
            hidden.assign(1);
            Stopwatch reading = Stopwatch.createStarted();
            tensors.keySet().forEach(weights::array);
            reading.stop();
            // The first time, Java's compiler and the BLAS get ready.
            model.forward(layer, weights, hidden, sequences).close();
            Stopwatch computing = Stopwatch.createStarted();
            model.forward(layer, weights, hidden, sequences).close();
            computing.stop();
            long bytes = tensors.values().stream()
                    .mapToLong(tensor -> tensor.tensor().byteLength())
                    .sum();
            return new LayerTiming(
                    bytes,
                    reading.elapsed(),
                    sequences.rows(),
                    computing.elapsed(),
                    calibration.layout().rows());
        }
    }

    /** Foresees how long a search takes if layers are read and computed one after the other. */
    Duration of(Forecast forecast) {
        double reading = (double) read.toNanos() / bytes * forecast.bytesRead();
        double computing = (double) compute.toNanos() / rows * rowsOfCandidate * forecast.layerRuns();
        return Duration.ofNanos((long) (reading + computing));
    }
}
