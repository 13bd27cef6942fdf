package org.laco.merge;

import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Makes one weight out of those of the layers {@code l … l + m}, element by element.
 *
 * <p>θ_l is the weight of the base layer l in the current model. Rules compute in float32, each operation rounded, in the order
 * that their documentation gives; the caller rounds the result once to the stored type. {@link MergeRules} has the rules by name, and
 * {@link MergeRuleProvider} makes a rule of one's own known by its name:
 *
 * <pre>{@code
 * MergeRule rule = MergeRules.named("telescoped");
 * rule.selects(4).getAsInt();   // 3: the weight of the last layer, as it is
 * }</pre>
 */
public interface MergeRule {
    /**
     * Returns the name by which {@link MergeRules#named} finds the rule again, parameters included.
     *
     * @return the name, such as {@code telescoped} or {@code damped-rdsc:0.5}, without commas, which part the rules of a choice
     */
    String name();

    /**
     * Returns whether the result is the weight of one of the layers as it stands, so that no arithmetic is needed and any stored
     * type will do.
     *
     * @param count the number of layers that are merged, at least 2
     * @return the index of that layer from 0 for the base layer, or empty if the rule computes
     */
    default OptionalInt selects(int count) {
        return OptionalInt.empty();
    }

    /**
     * Returns the rules among which a search chooses.
     *
     * @return this rule alone, or those of {@link MergeRules#best}
     */
    default ImmutableList<MergeRule> choices() {
        return ImmutableList.of(this);
    }

    /**
     * Returns the rules among which a search chooses when it merges so many layers.
     *
     * @param count the number of layers that are merged, at least 2
     * @return those of {@link #choices()}; of rules that select the same layer's weight the first only
     */
    default ImmutableList<MergeRule> choices(int count) {
        Set<OptionalInt> selected = new HashSet<>();
        return choices().stream()
                .filter(rule -> rule.selects(count).isEmpty() || selected.add(rule.selects(count)))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * Returns this rule with each row of its result scaled to the norm that the row has in the base layer.
     *
     * @return what {@link MergeRules#normPreserving} describes
     * @throws IllegalArgumentException if this is a choice among several rules
     */
    default MergeRule normPreserving() {
        return new NormPreserving(this);
    }

    /**
     * Merges a block of weights.
     *
     * @param weights the weights of the layers that are merged
     * @param destination a float32 array that receives the result
     * @throws UnsupportedOperationException if this is a choice among several rules
     */
    void merge(SpanWeights weights, INDArray destination);
}
