package org.laco.merge;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The arithmetic mean, summed from the base layer upward and divided last:
 *
 * <pre>θ*_l = (θ_l + θ_{l+1} + … + θ_{l+m}) / (m + 1)</pre>
 */
record Mean() implements MergeRule {
    @Override
    public String name() {
        return "mean";
    }

    @Override
    public void merge(SpanWeights weights, INDArray destination) {
        weights.copyTo(0, destination);
        INDArray next = weights.scratch();
        for (int k = 1; k < weights.count(); k++) {
            weights.copyTo(k, next);
            destination.addi(next);
        }
        destination.divi(weights.count());
    }
}
