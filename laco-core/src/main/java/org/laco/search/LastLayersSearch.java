package org.laco.search;

import com.google.common.collect.ImmutableMap;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;

/** Drops the last layers. */
record LastLayersSearch() implements Search {
    @Override
    public String name() {
        return "last";
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of();
    }

    @Override
    public MergeRule rule() {
        return MergeRules.keepFirst();
    }

    @Override
    public boolean needsTarget() {
        return true;
    }

    @Override
    public void check(int layers) {
        DroppedLayers.check(layers);
    }

    @Override
    public Found search(SearchContext context, SearchLog log) {
        return Found.merged(DroppedLayers.dropSpan(context, log, length -> context.layerCount() - length));
    }
}
