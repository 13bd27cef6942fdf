package org.laco.search;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.laco.fit.Fit;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;

/**
 * Drops the span of layers of the smallest angular distance over all positions, replaced by a linear transform (ReplaceMe, <a
 * href="https://arxiv.org/abs/2505.02819">arXiv 2505.02819</a>). Layer 0 always stays.
 */
record ReplaceMeSearch() implements Search {
    @Override
    public String name() {
        return "replaceme";
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
    public Optional<Fit> fit() {
        return Optional.of(Fit.transform());
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
                length -> DroppedLayers.closest(context.similarity().allTokens(), context.layerCount(), length)));
    }
}
