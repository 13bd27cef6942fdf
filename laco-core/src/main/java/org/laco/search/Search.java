package org.laco.search;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.laco.evaluate.Batching;
import org.laco.fit.Fit;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

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
     * Searches, recording each candidate.
     *
     * @param context the model's layers, and the scores of candidates
     * @param log the current model and the record, at first of the model as it is
     * @return what was found
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    Found search(SearchContext context, SearchLog log);

    /**
     * Returns whether the search removes layers until a target is met, so that it needs one.
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
     * Returns whether the search confirms the score of a candidate before it accepts it, and wherever the tolerance of screened scores
     * could decide, so that candidates may be screened in less precision. The default is no.
     *
     * @return whether screening may be inexact
     */
    default boolean confirmsWhatItAccepts() {
        return false;
    }

    /**
     * Returns the search that meets a target in the place of this one. The default is this one.
     *
     * @return the search for a collapse with a target
     */
    default Search toTarget() {
        return this;
    }

    /**
     * Estimates what the search costs at most, without reading a weight. The default knows nothing.
     *
     * @param stack the stack
     * @param calibration the sequences
     * @param rule how linear weights are merged
     * @param batching how many candidates are scored together
     * @return the cost if no candidate is accepted, empty if it isn't known before the search is run
     * @throws IllegalArgumentException if the search doesn't fit the stack
     */
    default Optional<CostEstimate> estimateCost(
            LayerStack stack, Calibration calibration, MergeRule rule, Batching batching) {
        return Optional.empty();
    }

    /**
     * Returns the fit that belongs to the search, unless another one is asked for. The default is none.
     *
     * @return the fit, empty if merged weights stay as they are
     */
    default Optional<Fit> fit() {
        return Optional.empty();
    }
}
