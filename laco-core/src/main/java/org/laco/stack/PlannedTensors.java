package org.laco.stack;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.laco.base.Internal;
import org.laco.merge.NormPolicy;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.MergedLayer;
import org.laco.plan.PlannedLayer;
import org.laco.plan.Provenance;
import org.laco.plan.SourceLayer;
import org.laco.plan.Training;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorRole;

/**
 * The tensors of a planned layer: those of its source layer, or tensors that are merged from several when they are read.
 *
 * <p>Nothing is copied, so a candidate costs no memory until its weights are loaded:
 *
 * <pre>{@code
 * PlannedLayer layer = CollapsePlan.identity(30).merge(24, 3, MergeRules.mean()).layers().get(24);
 * try (LayerWeights weights = LayerWeights.load(PlannedTensors.of(stack, layer))) {
 *     INDArray next = stack.forward(layer.base().index(), weights, hidden, sequences);
 * }
 * }</pre>
 */
@Internal
public final class PlannedTensors {
    private PlannedTensors() {}

    /**
     * Looks up or merges the tensors of a planned layer.
     *
     * @param stack the original model
     * @param layer a layer of a plan for that model
     * @return the tensors by their names within the layer
     * @throws IllegalArgumentException if the plan names another checkpoint, layers that the model doesn't have, or fitted weights of
     *     which it holds no values
     */
    public static ImmutableMap<String, LayerTensor> of(LayerStack stack, PlannedLayer layer) {
        if (layer instanceof MergedLayer merged) {
            return merge(stack, merged);
        }
        if (layer instanceof FittedLayer refit) {
            return replace(of(stack, refit.layer()), refit);
        }
        SourceLayer source = (SourceLayer) layer;
        checkArgument(
                source.checkpoint().equals(SourceLayer.SELF),
                "the plan takes layer %s from checkpoint %s, which is not the model it is applied to",
                source.index(),
                source.checkpoint());
        return stack.tensors(source.index());
    }

    /**
     * Adds up what has to be read for a layer's weights.
     *
     * @param tensors the tensors of a planned layer, as {@link #of} returns them
     * @return the stored size in bytes, for a merged tensor that of all that it is merged from
     */
    public static long bytesRead(ImmutableMap<String, LayerTensor> tensors) {
        return tensors.values().stream()
                .mapToLong(tensor -> bytesRead(tensor.tensor()))
                .sum();
    }

    /**
     * Returns how much merging a weight holds at once in one thread.
     *
     * @param rowLength the number of elements of the weight's longest row
     * @return the number of float32 elements
     */
    public static long mergeScratch(long rowLength) {
        return MergedTensor.scratch(rowLength);
    }

    /** Returns the size of what has to be read for a tensor's values. */
    static long bytesRead(StoredTensor tensor) {
        return tensor instanceof MergedTensor merged ? merged.bytesRead() : tensor.byteLength();
    }

    private static ImmutableMap<String, LayerTensor> replace(
            ImmutableMap<String, LayerTensor> tensors, FittedLayer layer) {
        ImmutableMap.Builder<String, LayerTensor> replaced = ImmutableMap.builder();
        tensors.forEach((name, tensor) -> {
            FittedTensor fitted = layer.tensors().get(name);
            replaced.put(
                    name,
                    fitted == null
                            ? tensor
                            : new LayerTensor(
                                    fitted.values()
                                            .orElseThrow(() -> new IllegalArgumentException(
                                                    layer + ": " + name + withoutValues(fitted.provenance()))),
                                    tensor.role()));
        });
        return replaced.buildOrThrow();
    }

    private static String withoutValues(Provenance provenance) {
        return provenance instanceof Training
                ? " was trained and the plan holds only its hash: take the checkpoint that was written with it, or apply the"
                        + " plan with a refit and train the result again"
                : " was fitted to calibration sequences and the plan holds only its hash: run the refit again";
    }

    private static ImmutableMap<String, LayerTensor> merge(LayerStack stack, MergedLayer layer) {
        if (layer.dropsOthers()) {
            return written(of(stack, layer.parts().get(0)));
        }
        ImmutableList<ImmutableMap<String, LayerTensor>> parts =
                layer.parts().stream().map(part -> of(stack, part)).collect(ImmutableList.toImmutableList());
        ImmutableMap.Builder<String, LayerTensor> tensors = ImmutableMap.builder();
        parts.get(0)
                .forEach((name, base) -> tensors.put(
                        name,
                        new LayerTensor(
                                switch (base.role()) {
                                    case LINEAR -> merge(layer, name, parts);
                                    case NORM, BIAS ->
                                        layer.norms() == NormPolicy.MERGED
                                                ? merge(layer, name, parts)
                                                : layer.norms() == NormPolicy.FROM_LAST
                                                        ? last(parts, name)
                                                        : base.tensor();
                                    case BUFFER -> base.tensor();
                                },
                                base.role())));
        return tensors.buildOrThrow();
    }

    /** The tensors of a layer from which others are left out: its weights as they would be written, as if they were merged. */
    private static ImmutableMap<String, LayerTensor> written(ImmutableMap<String, LayerTensor> tensors) {
        ImmutableMap.Builder<String, LayerTensor> written = ImmutableMap.builder();
        tensors.forEach((name, tensor) -> written.put(
                name,
                tensor.role() == TensorRole.LINEAR
                        ? new LayerTensor(tensor.tensor().asWritten(), tensor.role())
                        : tensor));
        return written.buildOrThrow();
    }

    private static StoredTensor merge(
            MergedLayer layer, String name, ImmutableList<ImmutableMap<String, LayerTensor>> parts) {
        return MergedTensor.of(
                layer.rule(),
                parts.stream().map(part -> part.get(name).tensor()).collect(ImmutableList.toImmutableList()));
    }

    private static StoredTensor last(ImmutableList<ImmutableMap<String, LayerTensor>> parts, String name) {
        return parts.get(parts.size() - 1).get(name).tensor();
    }
}
