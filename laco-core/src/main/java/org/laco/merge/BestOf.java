package org.laco.merge;

import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Several rules among which a search chooses for each merge; it computes nothing itself.
 *
 * @param rules the rules, at least two, none of them a choice itself
 */
record BestOf(ImmutableList<MergeRule> rules) implements MergeRule {
    static final String PREFIX = "best:";

    @Override
    public String name() {
        return rules.stream().map(MergeRule::name).collect(Collectors.joining(",", PREFIX, ""));
    }

    @Override
    public ImmutableList<MergeRule> choices(int count) {
        Set<OptionalInt> selected = new HashSet<>();
        return rules.stream()
                .filter(rule -> rule.selects(count).isEmpty() || selected.add(rule.selects(count)))
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public void merge(WeightRun weights, INDArray destination) {
        throw new UnsupportedOperationException(
                name() + " is a choice among rules, and a layer is merged by one of them");
    }
}
