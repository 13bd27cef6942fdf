package org.laco.plan;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * A planned layer some of whose weights were fitted to calibration sequences.
 *
 * <p>The values of those weights follow from the calibration and can't be computed from the source layers, so the plan carries them.
 * A plan that was read from JSON knows only their hashes: it can be looked at and compared, but to be applied its refit has to be run
 * again, as {@code LayerCollapse.replay} does with a refit set.
 *
 * @param layer the layer before the refit
 * @param tensors the fitted weights by their names within the layer
 */
public record FittedLayer(PlannedLayer layer, ImmutableMap<String, FittedTensor> tensors) implements PlannedLayer {
    /** Checks that there is a fitted weight, and that the layer isn't refit already. */
    public FittedLayer {
        requireNonNull(layer, "layer");
        checkArgument(!tensors.isEmpty(), "a refit layer needs at least one fitted weight");
        checkArgument(!(layer instanceof FittedLayer), "a refit layer is not refit again: refit the layer before it");
    }

    /**
     * Returns a layer with a fitted weight, beside those that it has already or in the place of one of them.
     *
     * @param layer the layer, refit or not
     * @param name the weight's name within the layer
     * @param tensor the weight
     * @return the refit layer
     */
    public static FittedLayer with(PlannedLayer layer, String name, FittedTensor tensor) {
        return layer instanceof FittedLayer refit
                ? new FittedLayer(
                        refit.layer,
                        ImmutableMap.<String, FittedTensor>builder()
                                .putAll(refit.tensors)
                                .put(name, tensor)
                                .buildKeepingLast())
                : new FittedLayer(layer, ImmutableMap.of(name, tensor));
    }

    @Override
    public ImmutableList<Integer> sources() {
        return layer.sources();
    }

    @Override
    public SourceLayer base() {
        return layer.base();
    }

    @Override
    public PlannedLayer unfitted() {
        return layer instanceof MergedLayer merged ? merged.unfitted() : layer;
    }

    @Override
    public String toString() {
        return "refit " + layer;
    }
}
