package org.laco.merge;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import java.util.Arrays;

/** The merge rules by name. */
public final class MergeRules {
    private MergeRules() {}

    /**
     * Returns the rule that the authors' code computes: the weight of the last layer.
     *
     * @return θ*_l = θ_{l+m}
     */
    public static MergeRule telescoped() {
        return new Telescoped();
    }

    /**
     * Returns the rule of the paper's Eq. (1), reserving differences while seeking common structure.
     *
     * @return θ*_l = θ_l + Σ_{k=1..m} (θ_{l+k} − θ_l)
     */
    public static MergeRule rdsc() {
        return new DampedRdsc(1.0);
    }

    /**
     * Returns Eq. (1) with its sum of differences scaled.
     *
     * @param lambda the factor λ of the differences, between 0 and 1
     * @return θ*_l = θ_l + λ Σ_{k=1..m} (θ_{l+k} − θ_l)
     * @throws IllegalArgumentException if λ is outside (0, 1]
     */
    public static MergeRule dampedRdsc(double lambda) {
        checkArgument(lambda > 0 && lambda <= 1, "damped-rdsc: λ must be above 0 and at most 1, not %s", lambda);
        return new DampedRdsc(lambda);
    }

    /**
     * Returns the arithmetic mean of the weights.
     *
     * @return θ*_l = (θ_l + … + θ_{l+m}) / (m + 1)
     */
    public static MergeRule mean() {
        return new Mean();
    }

    /**
     * Returns the rule that drops the layers above the base layer.
     *
     * @return θ*_l = θ_l
     */
    public static MergeRule keepFirst() {
        return new KeepFirst();
    }

    /**
     * Returns another rule with each row of its result scaled to the norm that the row has in the base layer, since the norms of
     * {@link #rdsc} grow with the number of layers merged.
     *
     * @param rule the other rule, which is no choice among several
     * @return θ*_l[r] = ρ[r] · ‖θ_l[r]‖ / ‖ρ[r]‖ for each row r of the other rule's result ρ
     * @throws IllegalArgumentException if the rule is a choice among several
     */
    public static MergeRule normPreserving(MergeRule rule) {
        return rule.normPreserving();
    }

    /**
     * Returns a choice: a search measures each candidate with every rule, and goes on with the most similar one. The plan and the
     * steps tell which rule that was.
     *
     * <pre>{@code
     * LayerCollapse.builder().rule(MergeRules.best(MergeRules.rdsc(), MergeRules.mean()));
     * }</pre>
     *
     * @param rules the rules, at least one; the first is taken of those that come out equal
     * @return the choice, or the rule itself if there is one only
     * @throws IllegalArgumentException if there is none
     */
    public static MergeRule best(MergeRule... rules) {
        checkArgument(rules.length > 0, "best: there must be a rule to choose");
        ImmutableSet<MergeRule> distinct =
                Arrays.stream(rules).flatMap(rule -> rule.choices().stream()).collect(ImmutableSet.toImmutableSet());
        return distinct.size() == 1 ? distinct.iterator().next() : new BestOf(distinct.asList());
    }

    /**
     * Returns the choice among damped rules, that is a line search over λ for each merge.
     *
     * <pre>{@code
     * MergeRules.lineSearch(0.25, 0.5, 0.75, 1.0).name();
     * // best:damped-rdsc:0.25,damped-rdsc:0.5,damped-rdsc:0.75,rdsc
     * }</pre>
     *
     * @param lambdas the factors λ, each between 0 and 1
     * @return the choice among {@link #dampedRdsc} of each
     * @throws IllegalArgumentException if there is none, or one is outside (0, 1]
     */
    public static MergeRule lineSearch(double... lambdas) {
        return best(Arrays.stream(lambdas).mapToObj(MergeRules::dampedRdsc).toArray(MergeRule[]::new));
    }

    /**
     * Finds a rule, of this library or of a {@link MergeRuleProvider} on the class path, by the name that {@link MergeRule#name} gives.
     *
     * @param name such as {@code telescoped}, {@code rdsc}, {@code mean}, {@code keep-first}, {@code damped-rdsc:0.5}, {@code
     *     norm-preserving:rdsc} or {@code best:rdsc,mean}
     * @return the rule
     * @throws IllegalArgumentException if there is none of that name
     */
    public static MergeRule named(String name) {
        return RuleNames.known().named(name);
    }
}
