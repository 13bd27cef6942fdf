package org.laco.search;

import com.google.common.collect.ImmutableMap;
import org.laco.CollapsePlan;

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
}
