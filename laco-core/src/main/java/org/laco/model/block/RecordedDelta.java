package org.laco.model.block;

import static java.util.Objects.requireNonNull;

import java.util.function.BiFunction;
import org.laco.stack.Gradients;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The parts of a {@link GatedDeltaNet} that a projection computed, with its derivative.
 *
 * @param outputs the parts
 * @param derivative passes their gradients back and returns the input's {@code [rows, width]}, a new array
 * @param free frees the outputs and what else was kept
 */
public record RecordedDelta(DeltaParts outputs, BiFunction<DeltaParts, Gradients, INDArray> derivative, Runnable free) {
    /** Checks that nothing is null. */
    public RecordedDelta {
        requireNonNull(outputs, "outputs");
        requireNonNull(derivative, "derivative");
        requireNonNull(free, "free");
    }
}
