package org.laco.search;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.laco.fit.Fit;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;

/**
 * Drops the span of layers of the smallest angular distance at the last position, replaced by a linear transform, as the authors' code
 * does (ReplaceMe, <a href="https://arxiv.org/abs/2505.02819">arXiv 2505.02819</a>): hidden states after the last layer are taken after
 * the final norm. Layer 0 always stays, since the transform needs a map before the span.
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
        return Optional.of(Fit.replaceMe(0));
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
                length -> DroppedLayers.closest(context.similarity().lastTokenNormed(), context.layerCount(), length)));
    }
}
