package org.laco.train;

import com.google.common.collect.ImmutableList;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How far a training is: enough to go on with it as if it had not been cut off.
 *
 * @param fingerprint what identifies the models, the text and the settings; a training goes on only from a state that has its own
 * @param step the number of steps taken
 * @param lossBefore the validation loss before the first step
 * @param bestStep the step after which the validation loss was lowest, 0 for the beginning
 * @param bestLoss that loss
 * @param parameters the trained parameters and what the optimiser keeps, float32
 * @param best the parameters after the best step
 */
public record TrainingState(
        String fingerprint,
        long step,
        double lossBefore,
        long bestStep,
        double bestLoss,
        ImmutableList<INDArray> parameters,
        ImmutableList<INDArray> best) {}
