package org.laco.model.block;

import java.util.stream.Stream;
import org.laco.kernel.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Sums of arrays that aren't needed beside their sum. */
final class ArraySum {
    private ArraySum() {}

    /** Adds up at least one array, each as it comes, so that no two of them wait for each other. */
    static INDArray of(Stream<INDArray> arrays, Kernels kernels) {
        return arrays.reduce((sum, x) -> add(sum, x, kernels)).orElseThrow();
    }

    /** Adds an array to a sum in place, lets it go, and returns the sum. */
    static INDArray add(INDArray sum, INDArray x, Kernels kernels) {
        kernels.add(sum, x);
        kernels.release(x);
        return sum;
    }
}
