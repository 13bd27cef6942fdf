package org.laco.fit;

import com.google.common.collect.ImmutableMap;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A stack that says no more than it has to. */
record Opaque(LayerStack stack) implements LayerStack {
    @Override
    public int layerCount() {
        return stack.layerCount();
    }

    @Override
    public ImmutableMap<String, LayerTensor> tensors(int layer) {
        return stack.tensors(layer);
    }

    @Override
    public INDArray embed(Calibration calibration) {
        return stack.embed(calibration);
    }

    @Override
    public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        return stack.forward(layer, weights, hidden, sequences);
    }

    @Override
    public INDArray finish(INDArray hidden) {
        return stack.finish(hidden);
    }
}
