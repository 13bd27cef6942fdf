package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.laco.evaluate.Sample;
import org.laco.fit.Fit;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;

/**
 * A score that {@link Measurements} hold, with all that it is found by, so that it can be kept and given to others later.
 *
 * @param metric the name of the metric
 * @param tolerance by how much a screened score may be off
 * @param sample the part of the sequences and tokens that was compared, empty for everything
 * @param kind how the score was measured
 * @param fit the name of the fit, empty unless the kind is {@link Kind#FITTED}
 * @param plan the candidate, as it was before a fit
 * @param score its score
 */
public record MeasuredScore(
        String metric,
        double tolerance,
        Optional<Sample> sample,
        Kind kind,
        Optional<String> fit,
        CollapsePlan plan,
        Score score) {
    /** Checks that nothing is null, and that a fit has a name. */
    public MeasuredScore {
        requireNonNull(metric, "metric");
        requireNonNull(sample, "sample");
        requireNonNull(kind, "kind");
        requireNonNull(fit, "fit");
        requireNonNull(plan, "plan");
        requireNonNull(score, "score");
        checkArgument(
                fit.isPresent() == (kind == Kind.FITTED), "a fit belongs to a score after it, not to one of %s", kind);
    }

    /** Whether it is that of its plan after a fit of this name. */
    boolean isAfter(Fit wanted) {
        return fit.equals(Optional.of(wanted.name()));
    }

    /** How a score was measured. */
    public enum Kind {
        /** Together with others. */
        SCREENED,
        /** By itself. */
        CONFIRMED,
        /** After a fit. */
        FITTED
    }
}
