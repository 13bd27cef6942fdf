package org.laco.search;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.laco.fit.Fit;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;

/** A way to look for layers to merge. Implementations are immutable. */
public interface Search {
    /**
     * Returns the name that the record of a search gives.
     *
     * @return such as {@code laco}
     */
    String name();

    /**
     * Returns the parameters that the record of a search gives.
     *
     * @return numbers, strings or booleans by name
     */
    ImmutableMap<String, Object> parameters();

    /**
     * Refuses a model that the parameters don't fit.
     *
     * @param layers the model's number of layers
     * @throws IllegalArgumentException with a message that says what would fit
     */
    void check(int layers);

    /**
     * Searches, recording each candidate in the session.
     *
     * @param session the model, the evaluator of candidates and the record
     * @return the plan found
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    CollapsePlan search(SearchSession session);

    /**
     * Tells whether the search removes layers until a target is met, so that it needs one.
     *
     * @return false if the search stops by itself
     */
    default boolean needsTarget() {
        return false;
    }

    /**
     * Returns what the search compares candidates by, unless another objective is asked for. The default is the paper's cosine.
     *
     * @return the metric
     */
    default Metric objective() {
        return Metrics.cosine();
    }

    /**
     * Returns the rule by which the search merges, or several among which it chooses, unless another one is asked for. The default is
     * what the authors' code computes.
     *
     * @return the rule
     */
    default MergeRule rule() {
        return MergeRules.telescoped();
    }

    /**
     * Tells whether the search measures candidates again by themselves before it decides by a difference that is smaller than {@link
     * SearchSession#noise}, so that they may be measured with less precision at first. The default is no.
     *
     * @return whether measuring together may be inexact
     */
    default boolean measuresCloseCallsAgain() {
        return false;
    }

    /**
     * Returns the refit that belongs to the search, unless another one is asked for. The default is none.
     *
     * @return the refit, empty if merged weights stay as they are
     */
    default Optional<Fit> refit() {
        return Optional.empty();
    }
}
