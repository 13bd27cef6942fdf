package org.laco.merge;

import java.util.OptionalInt;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Eq. (1) of arXiv 2402.11187, "reserving differences while seeking common structure", with the differences scaled by λ:
 *
 * <pre>θ*_l = θ_l + λ Σ_{k=1..m} (θ_{l+k} − θ_l)</pre>
 *
 * <p>λ = 1 is the paper's rule. It is evaluated with the first difference cancelled, left to right,
 *
 * <pre>θ_{l+1} + (θ_{l+2} − θ_l) + … + (θ_{l+m} − θ_l)</pre>
 *
 * since θ_l + (θ_{l+1} − θ_l) loses bits of θ_{l+1} in float32 where |θ_l| is far larger; so m = 1 is exactly θ_{l+1}.
 */
record DampedRdsc(double lambda) implements MergeRule {
    @Override
    public String name() {
        return lambda == 1 ? "rdsc" : "damped-rdsc:" + lambda;
    }

    @Override
    public OptionalInt selects(int count) {
        return lambda == 1 && count == 2 ? OptionalInt.of(1) : OptionalInt.empty();
    }

    @Override
    public void merge(SpanWeights weights, INDArray destination) {
        INDArray base = weights.scratch();
        weights.copyTo(0, base);
        if (lambda == 1) {
            weights.copyTo(1, destination);
            addDifferences(weights, 2, base, destination);
        } else {
            destination.assign(0);
            addDifferences(weights, 1, base, destination);
            destination.muli(lambda).addi(base);
        }
    }

    private static void addDifferences(SpanWeights weights, int from, INDArray base, INDArray sum) {
        INDArray next = weights.scratch();
        for (int k = from; k < weights.count(); k++) {
            weights.copyTo(k, next);
            next.subi(base);
            sum.addi(next);
        }
    }
}
