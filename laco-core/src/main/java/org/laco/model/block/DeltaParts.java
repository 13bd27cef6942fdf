package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a {@link GatedDeltaNet} is computed from, each a new array.
 *
 * @param mixed queries, keys and values {@code [rows, 2 · keyWidth + valueWidth]}
 * @param gate what its output is gated by {@code [rows, valueWidth]}
 * @param strengths what the strengths of updates come from {@code [rows, valueHeads]}
 * @param decays what the decays of states come from {@code [rows, valueHeads]}
 */
public record DeltaParts(INDArray mixed, INDArray gate, INDArray strengths, INDArray decays) {
    /** Returns the four arrays. */
    ImmutableList<INDArray> all() {
        return ImmutableList.of(mixed, gate, strengths, decays);
    }
}
