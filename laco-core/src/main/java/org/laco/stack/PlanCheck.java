package org.laco.stack;

import static com.google.common.base.Preconditions.checkArgument;

import org.laco.base.Internal;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;

/** Checks that a plan fits the model that it is applied to. */
@Internal
public final class PlanCheck {
    private PlanCheck() {}

    /**
     * Refuses a plan that doesn't fit a model.
     *
     * @param stack the model
     * @param plan the plan
     * @throws IllegalArgumentException if the plan is for another number of layers, merges layers that differ in kind, or holds only
     *     the hashes of fitted weights
     */
    public static void check(LayerStack stack, CollapsePlan plan) {
        checkArgument(
                plan.originalSize() == stack.layerCount(),
                "the plan is for a model of %s layers, but this one has %s",
                plan.originalSize(),
                stack.layerCount());
        plan.outside().forEach((name, tensor) -> requireValues(stack, name, tensor));
        for (PlannedLayer layer : plan.layers()) {
            if (layer instanceof FittedLayer) {
                PlannedTensors.of(stack, layer);
            }
            LayerCompatibility.difference(stack, layer).ifPresent(difference -> {
                throw new IllegalArgumentException(layer + " can't be merged: " + difference);
            });
        }
    }

    private static void requireValues(LayerStack stack, String name, FittedTensor tensor) {
        checkArgument(
                Trainable.require(stack).outside().containsKey(name),
                "the plan has trained values of %s, which the model doesn't have",
                name);
        checkArgument(
                tensor.values().isPresent(),
                "%s was trained and the plan holds only its hash: train again, or use the checkpoint that was written",
                name);
    }
}
