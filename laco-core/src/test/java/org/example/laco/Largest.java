package org.example.laco;

import org.laco.merge.MergeRule;
import org.laco.merge.MergeRuleProvider;
import org.laco.merge.RuleNames;
import org.laco.merge.SpanWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** A rule from outside the library: the largest of the layers' weights, element by element. */
public final class Largest implements MergeRule, MergeRuleProvider {
    @Override
    public String name() {
        return "largest";
    }

    @Override
    public MergeRule rule(String argument, RuleNames rules) {
        return this;
    }

    @Override
    public void merge(SpanWeights weights, INDArray destination) {
        weights.copyTo(0, destination);
        INDArray next = weights.scratch();
        for (int k = 1; k < weights.count(); k++) {
            weights.copyTo(k, next);
            destination.assign(Transforms.max(destination, next));
        }
    }
}
