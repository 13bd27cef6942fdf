package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;

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
        checkArgument(layers >= 2, "a model of one layer has none to drop");
    }

    @Override
    public CollapsePlan search(SearchSession session) {
        ImmutableList<Double> influence = session.similarity().blockInfluence();
        return DroppedLayers.drop(
                session,
                IntStream.range(1, influence.size())
                        .boxed()
                        .sorted(Comparator.comparing(influence::get))
                        .limit(influence.size() - session.target())
                        .collect(ImmutableSet.toImmutableSet()));
    }
}
