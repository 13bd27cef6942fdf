package org.laco.measure;

import java.util.concurrent.CancellationException;
import org.laco.kernel.SingleThreaded;
import org.laco.stack.Arithmetic;
import org.laco.stack.Calibration;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A stack's output on a batch of sequences, computed with one layer's weights in memory at a time. */
public final class FinalHiddenStates {
    private FinalHiddenStates() {}

    /**
     * Runs a stack.
     *
     * @param stack the stack
     * @param calibration the sequences
     * @return the final hidden states after the final norm, {@code [rows, width]}, which the caller closes
     * @throws CancellationException if the thread is interrupted
     */
    public static INDArray of(LayerStack stack, Calibration calibration) {
        return SingleThreaded.callIf(Arithmetic.of(stack).hasOwnThreads(), () -> run(stack, calibration));
    }

    private static INDArray run(LayerStack stack, Calibration calibration) {
        try (LayerRunner runner = LayerRunner.of(stack);
                INDArray last = runner.runFromBottom(calibration, stack.layerCount())) {
            return stack.finish(last);
        }
    }
}
