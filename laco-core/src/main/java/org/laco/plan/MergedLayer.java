package org.laco.plan;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.OptionalInt;
import org.laco.merge.MergeRule;
import org.laco.merge.NormPolicy;

/**
 * Consecutive layers of the current model merged into the first of them.
 *
 * @param rule how linear weights are merged
 * @param norms where norms and biases come from
 * @param parts the layers l to l + m, at least two, the base layer first
 */
public record MergedLayer(MergeRule rule, NormPolicy norms, ImmutableList<PlannedLayer> parts) implements PlannedLayer {
    /** Checks that there is something to merge, by one rule. */
    public MergedLayer {
        requireNonNull(rule, "rule");
        requireNonNull(norms, "norms");
        checkArgument(
                rule.choices(2).equals(ImmutableList.of(rule)),
                "a layer is merged by one rule, not by a choice such as %s",
                rule.name());
        checkArgument(parts.size() >= 2, "a merge needs at least two layers, not %s", parts.size());
    }

    /**
     * Returns whether this is the base layer as it is, and the others are left out. Then they may be layers of any kind, as nothing of
     * theirs is read.
     *
     * @return true if neither the rule nor the norms take anything from other layers than the base
     */
    public boolean dropsOthers() {
        return norms != NormPolicy.FROM_LAST && rule.selects(parts.size()).equals(OptionalInt.of(0));
    }

    @Override
    public ImmutableList<Integer> sources() {
        return parts.stream().flatMap(part -> part.sources().stream()).collect(ImmutableList.toImmutableList());
    }

    @Override
    public SourceLayer base() {
        return parts.get(0).base();
    }

    @Override
    public MergedLayer unfitted() {
        return new MergedLayer(
                rule, norms, parts.stream().map(PlannedLayer::unfitted).collect(ImmutableList.toImmutableList()));
    }

    @Override
    public String toString() {
        return rule.name() + parts;
    }
}
