package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Drops at once the layers that turn a token's hidden state least, by 1 − the cosine between what enters and what leaves a layer
 * (ShortGPT, <a href="https://arxiv.org/abs/2403.03853">arXiv 2403.03853</a>). Layer 0 always stays.
 */
record BlockInfluenceSearch() implements DropSearch {
    @Override
    public String name() {
        return "shortgpt";
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
