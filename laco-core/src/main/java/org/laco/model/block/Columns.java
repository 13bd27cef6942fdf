package org.laco.model.block;

import java.util.Arrays;
import org.laco.kernel.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Copies columns out of a matrix and into one, for maps whose outputs are stored as one. */
final class Columns {
    private Columns() {}

    /** Returns the columns {@code [from, to)} as a new array. */
    static INDArray copy(INDArray matrix, int from, int to) {
        return view(matrix, from, to).dup('c');
    }

    /** Overwrites the columns from one on. */
    static void put(INDArray matrix, int from, INDArray columns) {
        view(matrix, from, from + (int) columns.size(1)).assign(columns);
    }

    /** Puts matrices of equally many rows side by side in exchange for them. */
    static INDArray join(Kernels kernels, INDArray... parts) {
        long width = Arrays.stream(parts).mapToLong(part -> part.size(1)).sum();
        INDArray joined = kernels.matrix(parts[0].size(0), width);
        long first = 0;
        for (INDArray part : parts) {
            kernels.putColumns(joined, first, part);
            first += part.size(1);
            kernels.release(part);
        }
        return joined;
    }

    private static INDArray view(INDArray matrix, int from, int to) {
        return matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
    }
}
