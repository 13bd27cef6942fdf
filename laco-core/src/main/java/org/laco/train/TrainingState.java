package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How far a training is: enough to go on with it as if it had not been cut off.
 *
 * @param fingerprint what identifies the weights, the text and the settings; a training goes on only from a state that has its own
 * @param steps every step taken, from the first
 * @param validations the loss on the validation text, before the first step and as often as it was measured since
 * @param parameters the trained parameters and what the optimiser keeps, float32
 * @param best the parameters after the step with the lowest validation loss
 */
public record TrainingState(
        String fingerprint,
        ImmutableList<TrainingStep> steps,
        ImmutableList<ValidationLoss> validations,
        ImmutableList<INDArray> parameters,
        ImmutableList<INDArray> best) {
    /** Checks that the loss before the first step is known. */
    public TrainingState {
        checkArgument(
                !validations.isEmpty() && validations.get(0).step() == 0,
                "a training's state begins with the loss before the first step");
    }

    /** The last validation that had the lowest loss up to then. */
    ValidationLoss lowest() {
        return validations.reverse().stream()
                .filter(ValidationLoss::best)
                .findFirst()
                .orElse(validations.get(0));
    }
}
