package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The layers that a search may merge others into: all from a lowest one up.
 *
 * @param low the lowest base layer, at least 0
 */
record BaseLayers(int low) {
    BaseLayers {
        checkArgument(low >= 0, "the lowest base layer must be 0 or more, not %s", low);
    }

    /** Refuses a model in which the lowest base layer has none above it. */
    void check(int layers) {
        checkArgument(layers > 1, "a model of one layer has nothing to merge");
        checkArgument(
                low <= layers - 2,
                "the lowest base layer %s leaves nothing to merge in a model of %s layers: at most %s fits",
                low,
                layers,
                layers - 2);
    }
}
