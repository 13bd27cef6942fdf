package org.laco.model;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.Maps;
import java.util.Optional;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedTensor;
import org.laco.stack.PlannedTensors;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.NamedTensors;
import org.laco.tensor.RenamedTensor;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorSource;

/**
 * The tensors of a collapsed model under their new names, in the file order of the original: layers are numbered contiguously,
 * merged weights are computed when they are read, everything else is the original's, as it is written.
 */
final class CollapsedTensors extends NamedTensors<StoredTensor> {
    private final TensorSource original;

    private CollapsedTensors(TensorSource original, ImmutableMap<String, StoredTensor> tensors) {
        super("the collapsed model", ImmutableMap.copyOf(Maps.transformValues(tensors, StoredTensor::asWritten)));
        this.original = original;
    }

    static CollapsedTensors of(CausalModel model, CollapsePlan plan) {
        String prefix = model.decoder().layerPrefix();
        ImmutableList<ImmutableMap<String, LayerTensor>> layers = plan.layers().stream()
                .map(layer -> PlannedTensors.of(model, layer))
                .collect(ImmutableList.toImmutableList());
        ListMultimap<Integer, Integer> placesOfBase = ArrayListMultimap.create();
        for (int i = 0; i < plan.size(); i++) {
            placesOfBase.put(plan.layers().get(i).base().index(), i);
        }
        ImmutableMap<String, StoredTensor> cut = new CarriedInputs(model.decoder(), model.tensors()).cut(plan);
        ImmutableMap.Builder<String, StoredTensor> tensors = ImmutableMap.builder();
        for (String name : model.tensors().names()) {
            Optional<LayerName> position = LayerName.parse(name, prefix);
            if (position.isEmpty()) {
                FittedTensor trained = plan.outside().get(name);
                tensors.put(
                        name,
                        trained == null
                                ? cut.getOrDefault(name, model.tensors().tensor(name))
                                : trained.values().orElseThrow());
                continue;
            }
            int beyond = position.get().layer() - plan.originalSize();
            if (beyond >= 0) {
                String renumbered =
                        prefix + (plan.size() + beyond) + "." + position.get().within();
                tensors.put(
                        renumbered, RenamedTensor.of(renumbered, model.tensors().tensor(name)));
                continue;
            }
            for (int place : placesOfBase.get(position.get().layer())) {
                String within = position.get().within();
                String renumbered = prefix + place + "." + within;
                tensors.put(
                        renumbered,
                        RenamedTensor.of(
                                renumbered, layers.get(place).get(within).tensor()));
            }
        }
        return new CollapsedTensors(model.tensors(), tensors.buildOrThrow());
    }

    /** Releases the original's files and mappings. */
    @Override
    public void close() {
        original.close();
    }

    /** The tensors of a model with other values for some. */
    static CollapsedTensors replacing(TensorSource source, ImmutableMap<String, StoredTensor> replaced) {
        ImmutableMap.Builder<String, StoredTensor> tensors = ImmutableMap.builder();
        for (String name : source.names()) {
            tensors.put(name, replaced.containsKey(name) ? replaced.get(name) : source.tensor(name));
        }
        return new CollapsedTensors(source, tensors.buildOrThrow());
    }
}
