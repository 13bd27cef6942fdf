package org.laco.search;

/**
 * Drops the span of layers of the smallest angular distance at the last position (Gromov et al., <a
 * href="https://arxiv.org/abs/2403.17887">arXiv 2403.17887</a>). Layer 0 always stays.
 */
record AngularSearch() implements DropSearch {
    @Override
    public String name() {
        return "angular";
    }

    @Override
    public Found search(SearchContext context, SearchLog log) {
        return Found.merged(DroppedLayers.dropSpan(
                context,
                log,
                length -> DroppedLayers.closest(context.similarity().lastToken(), context.layerCount(), length)));
    }
}
