package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ContiguousSet;
import com.google.common.collect.DiscreteDomain;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Range;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;
import org.laco.fit.Fit;
import org.laco.measure.AngularDistances;
import org.laco.measure.LayerSimilarity;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;

/**
 * Drops one block of consecutive layers, layer 0 never among them.
 *
 * @param kind how the block is chosen
 */
record BlockSearch(Kind kind) implements Search {
    /** How the block is chosen. */
    enum Kind {
        /** The last layers. */
        LAST,
        /**
         * The block of the smallest angular distance at the last position (Gromov et al., <a
         * href="https://arxiv.org/abs/2403.17887">arXiv 2403.17887</a>).
         */
        ANGULAR,
        /**
         * The block of the smallest angular distance over all positions, replaced by a linear transform (ReplaceMe, <a
         * href="https://arxiv.org/abs/2505.02819">arXiv 2505.02819</a>).
         */
        REPLACEME
    }

    @Override
    public String name() {
        return switch (kind) {
            case LAST -> "last";
            case ANGULAR -> "angular";
            case REPLACEME -> "replaceme";
        };
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of();
    }

    @Override
    public MergeRule rule() {
        return MergeRules.keepFirst();
    }

    @Override
    public boolean needsTarget() {
        return true;
    }

    @Override
    public Optional<Fit> refit() {
        return kind == Kind.REPLACEME ? Optional.of(Fit.transform()) : Optional.empty();
    }

    @Override
    public void check(int layers) {
        checkArgument(layers >= 2, "a model of one layer has none to drop");
    }

    @Override
    public CollapsePlan search(SearchSession session) {
        int layers = session.stack().layerCount();
        int length = layers - session.target();
        if (length == 0) {
            return session.current();
        }
        int start = kind == Kind.LAST ? layers - length : closest(session, length);
        return DroppedLayers.drop(
                session, ContiguousSet.create(Range.closedOpen(start, start + length), DiscreteDomain.integers()));
    }

    private int closest(SearchSession session, int length) {
        LayerSimilarity similarity = session.similarity();
        AngularDistances distances = kind == Kind.ANGULAR ? similarity.lastToken() : similarity.allTokens();
        return IntStream.rangeClosed(1, session.stack().layerCount() - length)
                .boxed()
                .min(Comparator.comparing(start -> distances.get(start, length)))
                .orElseThrow();
    }
}
