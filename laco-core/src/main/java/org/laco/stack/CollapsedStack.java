package org.laco.stack;

import com.google.common.collect.ImmutableMap;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A stack with a plan applied: the structure of each layer is its base layer's, its weights are merged when they are read. */
final class CollapsedStack implements LayerStack {
    private final LayerStack original;
    private final CollapsePlan plan;

    CollapsedStack(LayerStack original, CollapsePlan plan) {
        PlanCheck.check(original, plan);
        this.original = original;
        this.plan = plan;
    }

    @Override
    public int layerCount() {
        return plan.size();
    }

    @Override
    public ImmutableMap<String, String> properties(int layer) {
        return original.properties(base(layer));
    }

    @Override
    public ImmutableMap<String, LayerTensor> tensors(int layer) {
        return PlannedTensors.of(original, plan.layers().get(layer));
    }

    @Override
    public INDArray embed(Calibration calibration) {
        return original.embed(calibration);
    }

    @Override
    public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        return original.forward(base(layer), weights, hidden, sequences);
    }

    @Override
    public INDArray finish(INDArray hidden) {
        return original.finish(hidden);
    }

    @Override
    public boolean hasOwnThreads() {
        return original.hasOwnThreads();
    }

    private int base(int layer) {
        return plan.layers().get(layer).base().index();
    }
}
