package org.laco.train;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.laco.plan.CollapsePlan;

/**
 * What a post-training gave.
 *
 * @param plan the plan that was trained, with the trained weights in it; the same plan if no step made the validation loss smaller
 * @param settings the settings by their names in the record
 * @param steps every step
 * @param validations the loss on the validation text, before the first step and as often as it was measured
 * @param lossBefore the validation loss before the training
 * @param lossAfter that of the result, with its weights rounded to their stored type
 * @param tokens the number of tokens that the result was trained on
 * @param parameters the number of trained parameters
 * @param adapters the factors of the adapters behind the trained weights in the plan; none if weights were trained as a whole
 */
public record PostTrainingResult(
        CollapsePlan plan,
        ImmutableMap<String, Object> settings,
        ImmutableList<TrainingStep> steps,
        ImmutableList<ValidationLoss> validations,
        double lossBefore,
        double lossAfter,
        long tokens,
        long parameters,
        ImmutableList<TrainedAdapter> adapters) {
    /**
     * Returns whether training helped.
     *
     * @return whether the plan holds trained weights
     */
    public boolean improved() {
        return lossAfter < lossBefore;
    }
}
