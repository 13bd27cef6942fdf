package org.laco.search;

import com.google.common.collect.ImmutableMap;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;

/** A search that drops layers until the target is met, without settings of its own. */
interface DropSearch extends Search {
    @Override
    default ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of();
    }

    @Override
    default MergeRule rule() {
        return MergeRules.keepFirst();
    }

    @Override
    default boolean needsTarget() {
        return true;
    }

    @Override
    default void check(int layers) {
        DroppedLayers.check(layers);
    }
}
