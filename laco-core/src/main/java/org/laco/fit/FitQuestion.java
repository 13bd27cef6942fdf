package org.laco.fit;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.OptionalInt;
import org.laco.base.Internal;
import org.laco.plan.CollapsePlan;

/**
 * A part of what {@link FitRows} say.
 *
 * @param kind what is asked
 * @param plans of sums the plan; of errors the plan without and with a weight of the layer; of scores the plan with each weight
 * @param layer the number of the layer
 * @param step which of its steps, empty for the last
 * @param share the numbers of the batches whose hidden states are kept together
 * @param batches those among them that are asked about
 * @param from of sums the first tile
 * @param to of sums the tile after the last
 */
@Internal
public record FitQuestion(
        Kind kind,
        ImmutableList<CollapsePlan> plans,
        int layer,
        OptionalInt step,
        ImmutableList<Integer> share,
        ImmutableList<Integer> batches,
        int from,
        int to) {
    /** What is asked. */
    public enum Kind {
        /** The products of each batch, tile by tile. */
        SUMS,
        /** The three sums of squares of each batch. */
        ERRORS,
        /** For each plan the score on a sample of the batch. */
        SAMPLE,
        /** For each plan the score on the batch. */
        SCORES
    }

    /** Checks that there is a plan. */
    public FitQuestion {
        checkArgument(!plans.isEmpty(), "a question is about a plan");
    }

    FitPlace place(int number) {
        return new FitPlace(plans.get(number), layer, step);
    }
}
