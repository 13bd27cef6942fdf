package org.laco.benchmarks;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Layers of one weight each, which can be merged but not run.
 *
 * @param weights the weight of each layer
 */
record Weights(List<? extends StoredTensor> weights) implements LayerStack {
    static final String NAME = "weight";

    @Override
    public int layerCount() {
        return weights.size();
    }

    @Override
    public ImmutableMap<String, LayerTensor> tensors(int layer) {
        return ImmutableMap.of(NAME, new LayerTensor(weights.get(layer), TensorRole.LINEAR));
    }

    @Override
    public INDArray embed(Calibration calibration) {
        throw new UnsupportedOperationException();
    }

    @Override
    public INDArray forward(int layer, LayerWeights loaded, INDArray hidden, SequenceLayout sequences) {
        throw new UnsupportedOperationException();
    }

    @Override
    public INDArray finish(INDArray hidden) {
        throw new UnsupportedOperationException();
    }
}
