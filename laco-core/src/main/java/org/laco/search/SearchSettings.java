package org.laco.search;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.OptionalInt;
import org.laco.fit.Fit;
import org.laco.merge.MergeRule;
import org.laco.merge.NormPolicy;

/**
 * How a search's candidates are formed, whatever the search.
 *
 * @param rule how linear weights are merged, or the rules among which the search chooses
 * @param norms where norms and biases come from
 * @param target the number of layers to come down to, if there is one
 * @param fit how merged layers are fitted, if they are
 */
public record SearchSettings(MergeRule rule, NormPolicy norms, OptionalInt target, Optional<Fit> fit) {
    /** Checks that nothing is null. */
    public SearchSettings {
        requireNonNull(rule, "rule");
        requireNonNull(norms, "norms");
        requireNonNull(target, "target");
        requireNonNull(fit, "fit");
    }
}
