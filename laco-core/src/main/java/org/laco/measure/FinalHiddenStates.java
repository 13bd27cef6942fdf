package org.laco.measure;

import java.util.List;
import java.util.concurrent.CancellationException;
import org.laco.kernel.SingleThreaded;
import org.laco.plan.SourceLayer;
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
        return of(stack, calibration, share -> {});
    }

    /**
     * Runs a stack and tells how far that is.
     *
     * @param stack the stack
     * @param calibration the sequences
     * @param listener who is told after each layer
     * @return the final hidden states after the final norm, {@code [rows, width]}, which the caller closes
     * @throws CancellationException if the thread is interrupted
     */
    public static INDArray of(LayerStack stack, Calibration calibration, ProgressListener listener) {
        return SingleThreaded.callIf(Arithmetic.of(stack).hasOwnThreads(), () -> run(stack, calibration, listener));
    }

    private static INDArray run(LayerStack stack, Calibration calibration, ProgressListener listener) {
        Progress progress = new Progress(listener, stack.layerCount());
        try (LayerRunner runner = LayerRunner.of(stack)) {
            INDArray hidden = stack.embed(calibration);
            for (int layer = 0; layer < stack.layerCount(); layer++) {
                hidden = runner.runAll(List.of(SourceLayer.of(layer)), hidden, calibration.layout());
                progress.advance(1);
            }
            try (INDArray last = hidden) {
                return stack.finish(last);
            }
        }
    }
}
