package org.laco.evaluate;

import org.laco.fit.FitListener;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

/** Makes the evaluator of a search: the local one, or one that scores candidates elsewhere. */
@FunctionalInterface
public interface EvaluatorFactory {
    /**
     * Makes an evaluator.
     *
     * @param stack the original model
     * @param calibration the sequences on which plans are scored
     * @param settings how they are scored
     * @param passes receives the progress of passes through layers
     * @param fits receives the outcome of fits
     * @return the evaluator, which the caller closes
     * @throws ArithmeticException if the original's hidden states are not finite; the message names the layer
     * @throws IllegalArgumentException if the metric needs logits and the stack is no language model, or the screening a precision that
     *     the stack can't be computed in
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    Evaluator create(
            LayerStack stack,
            Calibration calibration,
            EvaluatorSettings settings,
            PassListener passes,
            FitListener fits);
}
