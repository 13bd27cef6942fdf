package org.laco;

import com.google.common.collect.ImmutableList;

/**
 * One layer of a collapsed model: a layer of the original as it is, or several planned layers merged into one.
 *
 * <p>Since a search merges layers that are merged already, a planned layer is a tree; {@link #sources()} flattens it.
 */
public sealed interface PlannedLayer permits SourceLayer, MergedLayer {
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
}
