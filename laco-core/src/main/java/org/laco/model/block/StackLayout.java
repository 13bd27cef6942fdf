package org.laco.model.block;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** How a stack of experts' maps is stored, whose gate and up map are one. */
public enum StackLayout {
    /** {@code [experts, out, in]}, the rows of the gate before those of up, as in Qwen 3.5. */
    ROWS(false, false),
    /** {@code [experts, in, out]}, the columns of the gate before those of up, as in Llama 4. */
    COLUMNS(true, false),
    /** {@code [experts, in, out]}, columns of the gate and of up in turns, as in gpt-oss. */
    INTERLEAVED_COLUMNS(true, true);

    private final boolean inputFirst;
    private final boolean interleaved;

    StackLayout(boolean inputFirst, boolean interleaved) {
        this.inputFirst = inputFirst;
        this.interleaved = interleaved;
    }

    boolean inputFirst() {
        return inputFirst;
    }

    /** Views the outputs of the gate's map within those of both. */
    INDArray gate(INDArray both) {
        return interleaved ? everySecond(both, 0) : half(both, 0);
    }

    /** Views the outputs of the up map within those of both. */
    INDArray up(INDArray both) {
        return interleaved ? everySecond(both, 1) : half(both, both.size(1) / 2);
    }

    private static INDArray half(INDArray both, long from) {
        return columns(both, NDArrayIndex.interval(from, from + both.size(1) / 2));
    }

    private static INDArray everySecond(INDArray both, long from) {
        return columns(both, NDArrayIndex.interval(from, 2, both.size(1)));
    }

    private static INDArray columns(INDArray both, INDArrayIndex columns) {
        return both.get(NDArrayIndex.all(), columns);
    }
}
