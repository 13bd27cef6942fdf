package org.laco.merge;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.List;

/** The merge rules by name. */
public final class MergeRules {
    private static final String NAMES = "telescoped, rdsc, mean, keep-first, damped-rdsc:λ";

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
     * Finds a rule by the name that {@link MergeRule#name} gives.
     *
     * @param name such as {@code telescoped}, {@code rdsc}, {@code mean}, {@code keep-first} or {@code damped-rdsc:0.5}
     * @return the rule
     * @throws IllegalArgumentException if there is none of that name
     */
    public static MergeRule named(String name) {
        List<String> parts = Splitter.on(':').limit(2).splitToList(name);
        if (parts.size() == 2 && parts.get(0).equals("damped-rdsc")) {
            try {
                return dampedRdsc(Double.parseDouble(parts.get(1)));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("damped-rdsc: λ must be a number, not " + parts.get(1), e);
            }
        }
        return ImmutableList.of(telescoped(), rdsc(), mean(), keepFirst()).stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("unknown merge rule " + name + ", expected one of " + NAMES));
    }
}
