package org.laco;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import org.laco.merge.MergeRule;
import org.laco.merge.NormPolicy;

/**
 * What a search was told.
 *
 * @param search the search's name, such as {@code laco}
 * @param parameters the search's parameters by name: numbers, strings or booleans
 * @param rule how linear weights are merged
 * @param norms where norms and biases come from
 */
public record CollapseSettings(
        String search, ImmutableMap<String, Object> parameters, MergeRule rule, NormPolicy norms) {
    /** Checks that nothing is null. */
    public CollapseSettings {
        requireNonNull(search, "search");
        requireNonNull(parameters, "parameters");
        requireNonNull(rule, "rule");
        requireNonNull(norms, "norms");
    }
}
