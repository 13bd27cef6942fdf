package org.laco.merge;

import java.util.OptionalInt;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Plain dropping of the layers above the base layer:
 *
 * <pre>θ*_l = θ_l</pre>
 */
record KeepFirst() implements MergeRule {
    @Override
    public String name() {
        return "keep-first";
    }

    @Override
    public OptionalInt selects(int count) {
        return OptionalInt.of(0);
    }

    @Override
    public void merge(SpanWeights weights, INDArray destination) {
        weights.copyTo(0, destination);
    }
}
