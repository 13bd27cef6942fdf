package org.laco.merge;

import java.util.OptionalInt;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The rule that the authors' code computes. It subtracts the running weight where Eq. (1) of arXiv 2402.11187 subtracts θ_l, so
 * that the sum of differences telescopes:
 *
 * <pre>θ*_l = θ_{l+m}</pre>
 */
record Telescoped() implements MergeRule {
    @Override
    public String name() {
        return "telescoped";
    }

    @Override
    public OptionalInt selects(int count) {
        return OptionalInt.of(count - 1);
    }

    @Override
    public void merge(SpanWeights weights, INDArray destination) {
        weights.copyTo(weights.count() - 1, destination);
    }
}
