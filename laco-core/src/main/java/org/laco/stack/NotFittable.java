package org.laco.stack;

import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The answer of a stack that doesn't say which of its maps can be fitted. */
record NotFittable() implements Fittable {
    @Override
    public OutputMap outputMap(int layer) {
        throw new UnsupportedOperationException("layer " + layer
                + " can't be refit: its stack doesn't say which weight its output depends on linearly");
    }

    @Override
    public TracedOutput trace(
            int layer, OutputMap map, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        throw new UnsupportedOperationException(
                "layer " + layer + " can't be refit: its stack doesn't show what enters its last map");
    }
}
