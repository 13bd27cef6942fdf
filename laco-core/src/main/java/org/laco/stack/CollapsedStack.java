package org.laco.stack;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.laco.plan.CollapsePlan;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.Precision;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A stack with a plan applied: the structure of each layer is its base layer's, its weights are merged when they are read. */
final class CollapsedStack extends ForwardingStack {
    private final CollapsePlan plan;

    CollapsedStack(LayerStack original, CollapsePlan plan) {
        super(original);
        PlanCheck.check(original, plan);
        checkArgument(
                plan.outside().isEmpty(),
                "this stack can't have other weights outside of its layers, as the plan wants");
        this.plan = plan;
    }

    @Override
    public int layerCount() {
        return plan.size();
    }

    @Override
    public ImmutableMap<String, String> properties(int layer) {
        return super.properties(base(layer));
    }

    @Override
    public Optional<String> reasonToStay(int layer) {
        return super.reasonToStay(base(layer));
    }

    /** None is known: the stack below is asked about plans for itself. */
    @Override
    public Optional<String> reasonAgainst(CollapsePlan another) {
        return Optional.empty();
    }

    @Override
    public ImmutableMap<String, LayerTensor> tensors(int layer) {
        return PlannedTensors.of(delegate(), planned(layer));
    }

    @Override
    public TensorSource tensors() {
        return StackTensors.of(this);
    }

    @Override
    public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        return super.forward(base(layer), weights, hidden, sequences);
    }

    @Override
    public OutputMap outputMap(int layer) {
        return super.outputMap(base(layer));
    }

    @Override
    public ImmutableList<OutputMap> stepMaps(int layer) {
        return super.stepMaps(base(layer));
    }

    @Override
    public ImmutableList<String> addends(int layer) {
        return super.addends(base(layer));
    }

    @Override
    public TracedOutput trace(
            int layer, OutputMap map, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        return super.trace(base(layer), map, weights, hidden, sequences);
    }

    @Override
    public Recording record(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        return super.record(base(layer), weights, hidden, sequences);
    }

    @Override
    public long loadedBytes(int layer, boolean merged) {
        return super.loadedBytes(base(layer), merged || !(planned(layer) instanceof SourceLayer));
    }

    @Override
    public Optional<? extends LayerStack> in(Precision precision) {
        return Arithmetic.of(delegate()).in(precision).map(original -> original.collapsed(plan));
    }

    private PlannedLayer planned(int layer) {
        return plan.layers().get(layer);
    }

    private int base(int layer) {
        return planned(layer).base().index();
    }
}
