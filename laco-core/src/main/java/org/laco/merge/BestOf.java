package org.laco.merge;

import com.google.common.collect.ImmutableList;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Several rules among which a search chooses for each merge; it computes nothing itself.
 *
 * @param rules the rules, at least two, none of them a choice itself
 */
record BestOf(ImmutableList<MergeRule> rules) implements MergeRule {
    @Override
    public String name() {
        return rules.stream().map(MergeRule::name).collect(Collectors.joining(",", "best:", ""));
    }

    @Override
    public ImmutableList<MergeRule> choices() {
        return rules;
    }

    @Override
    public MergeRule normPreserving() {
        throw new IllegalArgumentException(
                "norm-preserving: " + name() + " is a choice among rules, make each of them norm-preserving instead");
    }

    @Override
    public void merge(SpanWeights weights, INDArray destination) {
        throw new UnsupportedOperationException(
                name() + " is a choice among rules, and a layer is merged by one of them");
    }
}
