package org.laco.plan;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import java.util.stream.IntStream;
import org.laco.merge.MergeRule;
import org.laco.merge.NormPolicy;

/**
 * What a collapsed model is made of: for each of its layers the source layers and the rule that merges them.
 *
 * <p>A search produces a plan; models, writers and reports consume one. A plan can also be made by hand:
 *
 * <pre>{@code
 * CollapsePlan plan = CollapsePlan.identity(30).merge(24, 3, MergeRules.telescoped());
 * plan.size();                        // 27
 * plan.layers().get(24).sources();    // [24, 25, 26, 27]
 * }</pre>
 */
public final class CollapsePlan {
    private final int originalSize;
    private final ImmutableList<PlannedLayer> layers;
    private final ImmutableMap<String, FittedTensor> outside;

    private CollapsePlan(int originalSize, ImmutableList<PlannedLayer> layers) {
        this(originalSize, layers, ImmutableMap.of());
    }

    private CollapsePlan(
            int originalSize, ImmutableList<PlannedLayer> layers, ImmutableMap<String, FittedTensor> outside) {
        this.originalSize = originalSize;
        this.layers = layers;
        this.outside = outside;
    }

    /**
     * Returns the plan that changes nothing.
     *
     * @param layers the number of layers of the original model, at least 1
     * @return the plan
     */
    public static CollapsePlan identity(int layers) {
        checkArgument(layers > 0, "a model needs at least one layer, not %s", layers);
        return new CollapsePlan(
                layers, IntStream.range(0, layers).mapToObj(SourceLayer::of).collect(ImmutableList.toImmutableList()));
    }

    /**
     * Makes a plan of given layers.
     *
     * @param originalSize the number of layers of the original model
     * @param layers the layers of the result from the bottom up
     * @return the plan
     * @throws IllegalArgumentException if there is no layer, or one names a layer that the original doesn't have
     */
    public static CollapsePlan of(int originalSize, Iterable<? extends PlannedLayer> layers) {
        ImmutableList<PlannedLayer> planned = ImmutableList.copyOf(layers);
        checkArgument(!planned.isEmpty(), "a plan needs at least one layer");
        for (int i = 0; i < planned.size(); i++) {
            for (int source : planned.get(i).sources()) {
                checkArgument(
                        source < originalSize,
                        "layer %s of the plan holds source layer %s, but the model has layers 0 to %s",
                        i,
                        source,
                        originalSize - 1);
            }
        }
        return new CollapsePlan(originalSize, planned);
    }

    /**
     * Returns the number of layers of the original model.
     *
     * @return at least 1
     */
    public int originalSize() {
        return originalSize;
    }

    /**
     * Returns the number of layers of the result.
     *
     * @return at least 1
     */
    public int size() {
        return layers.size();
    }

    /**
     * Returns the layers of the result from the bottom up.
     *
     * @return the layers
     */
    public ImmutableList<PlannedLayer> layers() {
        return layers;
    }

    /**
     * Returns the original layers inside each layer of the result.
     *
     * @return one list a layer
     */
    public ImmutableList<ImmutableList<Integer>> sources() {
        return layers.stream().map(PlannedLayer::sources).collect(ImmutableList.toImmutableList());
    }

    /**
     * Returns the rule that merges a layer.
     *
     * @param layer a number of this plan's layers
     * @return the rule, also if weights were fitted afterwards; empty for a layer of the original
     */
    public Optional<MergeRule> rule(int layer) {
        return layers.get(layer).unfitted() instanceof MergedLayer merged
                ? Optional.of(merged.rule())
                : Optional.empty();
    }

    /**
     * Returns the number of layers at the bottom that are those of the original in their place.
     *
     * @return from 0 to {@link #size()}
     */
    public int unchangedPrefix() {
        int prefix = 0;
        while (prefix < size() && layers.get(prefix).equals(SourceLayer.of(prefix))) {
            prefix++;
        }
        return prefix;
    }

    /**
     * Merges a layer with the layers that follow it; norms and biases stay the base layer's.
     *
     * @param layer the base layer l, a number of this plan's layers
     * @param following the number m of following layers that are merged into it, at least 1
     * @param rule the rule
     * @return a plan of m layers less
     * @throws IllegalArgumentException if this plan doesn't have those layers
     */
    public CollapsePlan merge(int layer, int following, MergeRule rule) {
        return merge(layer, following, rule, NormPolicy.FROM_BASE);
    }

    /**
     * Merges a layer with the layers that follow it.
     *
     * @param layer the base layer l, a number of this plan's layers
     * @param following the number m of following layers that are merged into it, at least 1
     * @param rule the rule
     * @param norms where norms and biases come from
     * @return a plan of m layers less
     * @throws IllegalArgumentException if this plan doesn't have those layers
     */
    public CollapsePlan merge(int layer, int following, MergeRule rule, NormPolicy norms) {
        checkArgument(following >= 1, "layer %s: at least one following layer is merged, not %s", layer, following);
        checkArgument(
                layer >= 0 && layer + following < size(),
                "layers %s to %s can't be merged: the model has layers 0 to %s",
                layer,
                layer + following,
                size() - 1);
        return replace(layer, following, new MergedLayer(rule, norms, layers.subList(layer, layer + following + 1)));
    }

    /**
     * Puts one layer in the place of several.
     *
     * @param layer the first layer that is replaced, a number of this plan's layers
     * @param following the number of layers after it that are replaced too, 0 or more
     * @param replacement the layer that takes their place
     * @return a plan of {@code following} layers less
     */
    public CollapsePlan replace(int layer, int following, PlannedLayer replacement) {
        return new CollapsePlan(
                originalSize,
                ImmutableList.<PlannedLayer>builder()
                        .addAll(layers.subList(0, layer))
                        .add(replacement)
                        .addAll(layers.subList(layer + following + 1, size()))
                        .build(),
                outside);
    }

    /**
     * Returns the weights outside of the layers that were trained.
     *
     * @return the weights by their full names
     */
    public ImmutableMap<String, FittedTensor> outside() {
        return outside;
    }

    /**
     * Sets weights outside of the layers.
     *
     * @param tensors the weights by their full names, in the place of those that this plan has
     * @return a plan of the same layers
     */
    public CollapsePlan withOutside(ImmutableMap<String, FittedTensor> tensors) {
        return new CollapsePlan(originalSize, layers, tensors);
    }

    /**
     * Returns this plan as it was before weights were fitted to calibration sequences.
     *
     * @return a plan that follows from the original model alone
     */
    public CollapsePlan unfitted() {
        return new CollapsePlan(
                originalSize, layers.stream().map(PlannedLayer::unfitted).collect(ImmutableList.toImmutableList()));
    }

    /**
     * Returns the layers that hold more than one source layer, or weights that were fitted.
     *
     * @return numbers of this plan's layers from the bottom up
     */
    public ImmutableList<Integer> changedLayers() {
        return IntStream.range(0, size())
                .filter(layer -> !(layers.get(layer) instanceof SourceLayer))
                .boxed()
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CollapsePlan plan
                && originalSize == plan.originalSize
                && layers.equals(plan.layers)
                && outside.equals(plan.outside);
    }

    @Override
    public int hashCode() {
        return layers.hashCode();
    }

    @Override
    public String toString() {
        return "CollapsePlan[" + originalSize + " to " + size() + " layers: " + sources() + "]";
    }
}
