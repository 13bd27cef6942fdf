package org.laco.fit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Maps;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import org.laco.base.Internal;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.stack.Fittable;
import org.laco.stack.LayerStack;
import org.laco.stack.OutputMap;

/**
 * A map of a plan that is to be fitted, those below it being fitted as far as they will be.
 *
 * @param plan the plan
 * @param layer the number of the layer in it
 * @param step which of the steps of a layer that was kept the map ends; empty for a layer's last map
 */
@Internal
public record FitPlace(CollapsePlan plan, int layer, OptionalInt step) {
    PlannedLayer planned() {
        return plan.layers().get(layer);
    }

    OutputMap map(LayerStack stack) {
        Fittable fittable = Fittable.of(stack);
        int base = planned().base().index();
        return step.isPresent() ? fittable.stepMaps(base).get(step.getAsInt()) : fittable.outputMap(base);
    }

    /** Returns the lowest layer that isn't the original's. */
    int lowest() {
        return plan.unchangedPrefix();
    }

    /** Returns how many layers of the original run before the hidden states that this layer's output is held against. */
    int reached() {
        int reached = lowest();
        for (PlannedLayer below : plan.layers().subList(lowest(), layer)) {
            reached = Math.max(reached, Collections.max(below.sources()) + 1);
        }
        return Math.max(
                reached,
                step.isPresent()
                        ? planned().base().index()
                        : Collections.max(planned().sources()) + 1);
    }

    /** Returns the layer of the original that comes next, the number of layers for none. */
    int next() {
        return Collections.max(planned().sources()) + 1;
    }

    /** Returns the layers that run before this one beside the original's, each equal to itself wherever it was read. */
    ImmutableList<Object> run() {
        return named(plan.layers().subList(Math.min(lowest(), layer), layer));
    }

    /** Returns what is equal for the same place of the same plan, wherever it was read. */
    ImmutableList<Object> key() {
        return ImmutableList.of(lowest(), layer, step, named(plan.layers().subList(0, layer + 1)));
    }

    private static ImmutableList<Object> named(List<PlannedLayer> layers) {
        return layers.stream()
                .map(layer -> layer instanceof FittedLayer fitted
                        ? ImmutableList.of(fitted.layer(), Maps.transformValues(fitted.tensors(), FittedTensor::sha256))
                        : layer)
                .collect(ImmutableList.toImmutableList());
    }

    /** Returns the weight that the plan has at this place. */
    FittedTensor tensor(LayerStack stack) {
        return ((FittedLayer) planned()).tensors().get(map(stack).weight());
    }

    /** Returns this place with a weight. */
    FitPlace with(LayerStack stack, FittedTensor weight) {
        return new FitPlace(
                plan.replace(layer, 0, FittedLayer.with(planned(), map(stack).weight(), weight)), layer, step);
    }
}
