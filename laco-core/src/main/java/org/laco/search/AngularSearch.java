package org.laco.search;

import com.google.common.collect.ImmutableMap;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;

/**
 * Drops the span of layers of the smallest angular distance at the last position (Gromov et al., <a
 * href="https://arxiv.org/abs/2403.17887">arXiv 2403.17887</a>). Layer 0 always stays.
 */
record AngularSearch() implements Search {
    @Override
    public String name() {
        return "angular";
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
        return Found.merged(DroppedLayers.dropSpan(
                context,
                log,
                length -> DroppedLayers.closest(context.similarity().lastToken(), context.layerCount(), length)));
    }
}
