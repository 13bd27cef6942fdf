package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

/** Checks the lowest layer that a search may merge others into. */
final class LowestBase {
    private LowestBase() {}

    static void requireLayer(int low) {
        checkArgument(low >= 0, "the lowest base layer must be 0 or more, not %s", low);
    }

    /** Refuses a base layer that has none above it. */
    static void requireRoom(int low, int layers) {
        checkArgument(
                low <= layers - 2,
                "the lowest base layer %s leaves nothing to merge in a model of %s layers: at most %s fits",
                low,
                layers,
                layers - 2);
    }
}
