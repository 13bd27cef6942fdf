package org.laco.search;

import java.util.Optional;
import org.laco.fit.Fit;

/**
 * Drops the span of layers of the smallest angular distance at the last position, replaced by a linear transform, as the authors' code
 * does (ReplaceMe, <a href="https://arxiv.org/abs/2505.02819">arXiv 2505.02819</a>): hidden states after the last layer are taken after
 * the final norm. Layer 0 always stays, since the transform needs a map before the span.
 */
record ReplaceMeSearch() implements DropSearch {
    @Override
    public String name() {
        return "replaceme";
    }

    @Override
    public Optional<Fit> fit() {
        return Optional.of(Fit.replaceMe(0));
    }

    @Override
    public Found search(SearchContext context, SearchLog log) {
        return Found.merged(DroppedLayers.dropSpan(
                context,
                log,
                length -> DroppedLayers.closest(context.similarity().lastTokenNormed(), context.layerCount(), length)));
    }
}
