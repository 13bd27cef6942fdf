package org.example.laco;

import org.laco.merge.MergeRule;
import org.laco.merge.MergeRuleProvider;
import org.laco.merge.RuleNames;
import org.laco.merge.SpanWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A merge rule from outside: half of the first layer's weight and half of the last one's. */
public final class Halfway implements MergeRule, MergeRuleProvider {
    @Override
    public String name() {
        return "halfway";
    }

    @Override
    public MergeRule rule(String argument, RuleNames rules) {
        return this;
    }

    @Override
    public void merge(SpanWeights weights, INDArray destination) {
        INDArray last = weights.scratch();
        weights.copyTo(0, destination);
        weights.copyTo(weights.count() - 1, last);
        destination.addi(last).muli(0.5);
    }
}
