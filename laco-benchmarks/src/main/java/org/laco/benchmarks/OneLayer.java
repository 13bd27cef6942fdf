package org.laco.benchmarks;

import org.laco.kernel.Kernels;
import org.laco.model.CausalModel;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.InMemoryTensors;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A model of one layer whose weights are in memory, and rows that go through it. */
final class OneLayer implements AutoCloseable {
    private final Kernels kernels;
    private final CausalModel model;
    private final LayerWeights weights;
    private final SequenceLayout layout;
    private final INDArray hidden;

    /**
     * Loads the layer.
     *
     * @param arithmetic who computes
     * @param config the model's configuration
     * @param tensors its weights
     * @param sequences rows and the number of sequences that they are divided into, such as 512x8
     */
    OneLayer(Arithmetic arithmetic, ModelConfig config, InMemoryTensors tensors, String sequences) {
        int[] rows = Matrices.numbers(sequences);
        kernels = Arithmetic.of(arithmetic);
        model = CausalModel.of(config, tensors).with(kernels);
        weights = LayerWeights.load(model.tensors(0));
        layout = Matrices.sequences(rows[0], rows[1]);
        hidden = Matrices.random(rows[0], config.integer("hidden_size"));
    }

    /** Runs the layer, and returns the result's place, which is used again. */
    INDArray forward() {
        INDArray out = model.forward(0, weights, hidden, layout);
        kernels.release(out);
        return out;
    }

    @Override
    public void close() {
        weights.close();
        model.close();
        kernels.close();
    }
}
