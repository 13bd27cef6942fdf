package org.laco.search;

import java.util.Optional;
import org.laco.fit.Fit;

/**
 * A variant of {@link ReplaceMeSearch}: the span of layers is that of the smallest angular distance over all positions, and the transform
 * is pulled toward the identity, fitted to weighted rows, and taken if it helps.
 */
record ReplaceMeRidgeSearch() implements DropSearch {
    @Override
    public String name() {
        return "replaceme-ridge";
    }

    @Override
    public Optional<Fit> fit() {
        return Optional.of(Fit.transform());
    }

    @Override
    public Found search(SearchContext context, SearchLog log) {
        return Found.merged(DroppedLayers.dropSpan(
                context,
                log,
                length -> DroppedLayers.closest(context.similarity().allTokens(), context.layerCount(), length)));
    }
}
