package org.laco.measure;

import java.util.concurrent.CancellationException;
import org.laco.kernel.SingleThreaded;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.LayerWeights;
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
        return SingleThreaded.callIf(stack.hasOwnThreads(), () -> run(stack, calibration));
    }

    private static INDArray run(LayerStack stack, Calibration calibration) {
        INDArray hidden = stack.embed(calibration);
        try (ArrayPool pool = ArrayPool.create()) {
            for (int layer = 0; layer < stack.layerCount(); layer++) {
                if (Thread.interrupted()) {
                    hidden.close();
                    throw new CancellationException("interrupted");
                }
                try (INDArray entering = hidden;
                        LayerWeights weights = LayerWeights.load(stack.tensors(layer), pool)) {
                    hidden = stack.forward(layer, weights, entering, calibration.layout());
                }
            }
        }
        try (INDArray last = hidden) {
            return stack.finish(last);
        }
    }
}
