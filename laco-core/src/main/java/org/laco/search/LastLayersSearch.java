package org.laco.search;

/** Drops the last layers. */
record LastLayersSearch() implements DropSearch {
    @Override
    public String name() {
        return "last";
    }

    @Override
    public Found search(SearchContext context, SearchLog log) {
        return Found.merged(DroppedLayers.dropSpan(context, log, length -> context.layerCount() - length));
    }
}
