package org.laco.plan;

import com.google.common.collect.ImmutableList;

/**
 * One layer of a collapsed model: a layer of the original as it is, several planned layers merged into one, or one of these with
 * weights that were fitted to calibration sequences.
 *
 * <p>Since a search merges layers that are merged already, a planned layer is a tree; {@link #sources()} flattens it.
 */
public sealed interface PlannedLayer permits SourceLayer, MergedLayer, FittedLayer {
    /**
     * Returns the original layers that this layer holds, the one that gives the norms under the default policy first.
     *
     * @return layer numbers of the original model, from 0
     */
    ImmutableList<Integer> sources();

    /**
     * Returns the original layer whose structure, norms and buffers this layer has.
     *
     * @return the layer
     */
    SourceLayer base();

    /**
     * Returns this layer as it was before weights were fitted.
     *
     * @return a layer that follows from its source layers alone
     */
    PlannedLayer unfitted();
}
