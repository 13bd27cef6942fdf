package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;

/**
 * Drops at once the layers that turn a token's hidden state least, by 1 − the cosine between what enters and what leaves a layer
 * (ShortGPT, <a href="https://arxiv.org/abs/2403.03853">arXiv 2403.03853</a>). Layer 0 always stays.
 */
record BlockInfluenceSearch() implements Search {
    @Override
    public String name() {
        return "shortgpt";
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
        ImmutableList<Double> influence = context.similarity().blockInfluence();
        return Found.merged(DroppedLayers.drop(
                context,
                log,
                IntStream.range(1, influence.size())
                        .boxed()
                        .sorted(Comparator.comparing(influence::get))
                        .limit(influence.size() - context.target())
                        .collect(ImmutableSet.toImmutableSet())));
    }
}
