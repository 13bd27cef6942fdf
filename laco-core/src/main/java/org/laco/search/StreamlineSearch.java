package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Drops the span of layers over which the cosine of a position's hidden states is highest, mean over all positions (LLM-Streamline, <a
 * href="https://arxiv.org/abs/2403.19135">arXiv 2403.19135</a>, without the network that it trains in the span's place). The first and the
 * last layer always stay, as in the code of LinearPatch, whose spans these are.
 */
record StreamlineSearch() implements DropSearch {
    @Override
    public String name() {
        return "streamline";
    }

    @Override
    public Found search(SearchContext context, SearchLog log) {
        return Found.merged(DroppedLayers.dropSpan(
                context, log, length -> closest(context.similarity().runInfluence(), length)));
    }

    private static int closest(ImmutableList<ImmutableList<Double>> influence, int length) {
        int highest = influence.size() - 1 - length;
        checkArgument(
                highest >= 1,
                "streamline can't drop %s of %s layers: the first and the last one stay",
                length,
                influence.size());
        return IntStream.rangeClosed(1, highest)
                .boxed()
                .min(Comparator.comparing(start -> influence.get(start).get(length - 1)))
                .orElseThrow();
    }
}
