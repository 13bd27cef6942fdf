package org.laco.search;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.laco.fit.Fit;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;

/**
 * A variant of {@link ReplaceMeSearch}: the span of layers is that of the smallest angular distance over all positions, and the transform
 * is pulled toward the identity, fitted to weighted rows, and taken if it helps.
 */
record ReplaceMeRidgeSearch() implements Search {
    @Override
    public String name() {
        return "replaceme-ridge";
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
