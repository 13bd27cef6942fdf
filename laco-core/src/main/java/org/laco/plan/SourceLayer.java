package org.laco.plan;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;

/**
 * A layer of an original model, unchanged.
 *
 * @param checkpoint the name of the model, {@link #SELF} for the one that is collapsed
 * @param index the layer's number, from 0
 */
public record SourceLayer(String checkpoint, int index) implements PlannedLayer {
    /** Names the model that a plan is applied to. */
    public static final String SELF = "";

    /** Checks that the number is not negative. */
    public SourceLayer {
        requireNonNull(checkpoint, "checkpoint");
        checkArgument(index >= 0, "layer number %s is negative", index);
    }

    /**
     * Names a layer of the model that is collapsed.
     *
     * @param index the layer's number, from 0
     * @return the layer
     */
    public static SourceLayer of(int index) {
        return new SourceLayer(SELF, index);
    }

    @Override
    public ImmutableList<Integer> sources() {
        return ImmutableList.of(index);
    }

    @Override
    public SourceLayer base() {
        return this;
    }

    @Override
    public PlannedLayer unfitted() {
        return this;
    }

    @Override
    public String toString() {
        return checkpoint.isEmpty() ? Integer.toString(index) : checkpoint + ":" + index;
    }
}
