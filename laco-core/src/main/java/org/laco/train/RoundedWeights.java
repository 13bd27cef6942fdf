package org.laco.train;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.plan.Training;
import org.laco.stack.LayerStack;
import org.laco.stack.OutsideTensor;
import org.laco.stack.Trainable;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorHash;
import org.laco.tensor.WeightEncoding;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Trained weights in the types of those that they replace. */
final class RoundedWeights {
    private final ImmutableList<ImmutableMap<String, StoredTensor>> layers;
    private final ImmutableMap<String, StoredTensor> outside;

    private RoundedWeights(
            ImmutableList<ImmutableMap<String, StoredTensor>> layers, ImmutableMap<String, StoredTensor> outside) {
        this.layers = layers;
        this.outside = outside;
    }

    /** Rounds the weights, and the values that the model is run with as well, so that it is measured as it will be stored. */
    static RoundedWeights of(TrainedTensors trained, LayerStack stack) {
        ImmutableList.Builder<ImmutableMap<String, StoredTensor>> layers = ImmutableList.builder();
        for (int layer = 0; layer < stack.layerCount(); layer++) {
            ImmutableMap<String, LayerTensor> tensors = stack.tensors(layer);
            layers.add(round(trained.layer(layer), name -> tensors.get(name).tensor()));
        }
        ImmutableMap<String, OutsideTensor> others = Trainable.require(stack).outside();
        return new RoundedWeights(layers.build(), round(trained.outside(), name -> others.get(name)
                .tensor()));
    }

    private static ImmutableMap<String, StoredTensor> round(
            ImmutableMap<String, TrainedTensor> trained, Function<String, StoredTensor> replaced) {
        ImmutableMap.Builder<String, StoredTensor> rounded = ImmutableMap.builder();
        trained.forEach((name, tensor) -> {
            StoredTensor before = replaced.apply(name);
            INDArray values = WeightEncoding.round(tensor.value(), before);
            tensor.value().assign(values);
            rounded.put(name, ArrayTensor.of(before.name(), values));
        });
        return rounded.buildOrThrow();
    }

    /** Puts the weights into a plan, in the place of what was fitted before. */
    CollapsePlan into(CollapsePlan plan, String loss, long tokens, double lossBefore, double lossAfter) {
        Training provenance = new Training(loss, tokens, lossBefore, lossAfter);
        List<PlannedLayer> planned = new ArrayList<>(plan.layers());
        for (int layer = 0; layer < planned.size(); layer++) {
            PlannedLayer current = planned.get(layer);
            for (Map.Entry<String, StoredTensor> tensor : layers.get(layer).entrySet()) {
                current = FittedLayer.with(
                        current,
                        tensor.getKey(),
                        new FittedTensor(
                                provenance, TensorHash.sha256(tensor.getValue()), Optional.of(tensor.getValue())));
            }
            planned.set(layer, current);
        }
        return CollapsePlan.of(plan.originalSize(), planned)
                .withOutside(ImmutableMap.<String, FittedTensor>builder()
                        .putAll(plan.outside())
                        .putAll(Maps.transformValues(outside, tensor -> fitted(provenance, tensor)))
                        .buildKeepingLast());
    }

    private static FittedTensor fitted(Training provenance, StoredTensor tensor) {
        return new FittedTensor(provenance, TensorHash.sha256(tensor), Optional.of(tensor));
    }
}
