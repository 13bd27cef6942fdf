package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import org.laco.evaluate.Batching;

/**
 * Which base layers the paper's search looks at, and how many layers it merges there (arXiv 2402.11187, Algorithm 1).
 *
 * <pre>{@code
 * Schedule schedule = new Schedule(1, OptionalInt.of(12), 4, 2);
 * Schedule.Walk walk = schedule.walk(12);
 * walk.layer();           // 8: four layers below the top of the range
 * walk.decided(true);     // merged
 * walk.layer();           // 6
 * walk.decided(false);    // refused
 * walk.layer();           // 5
 * }</pre>
 *
 * @param low the lowest base layer L, at least 0
 * @param high the layer H at which the search starts from above, greater than L; empty for the number of the model's layers
 * @param layersPerMerge the number C of layers that one merge makes into one, at least 2
 * @param interval the number I of layers that the base layer moves down after an accepted merge, at least 1
 */
public record Schedule(int low, OptionalInt high, int layersPerMerge, int interval) {
    /** Checks the numbers. */
    public Schedule {
        requireNonNull(high, "high");
        checkArgument(low >= 0, "the range's low end must be 0 or more, not %s", low);
        checkArgument(
                high.isEmpty() || low < high.getAsInt(),
                "the range [%s, %s] is empty: low must be below high",
                low,
                high.orElse(0));
        checkArgument(layersPerMerge >= 2, "a merge takes at least 2 layers, not %s", layersPerMerge);
        checkArgument(interval >= 1, "the interval must be at least 1, not %s", interval);
    }

    /**
     * Returns the default: all layers but the first, four layers a merge, interval 2.
     *
     * @return the schedule
     */
    public static Schedule defaults() {
        return new Schedule(1, OptionalInt.empty(), 4, 2);
    }

    /**
     * Returns this schedule with another range.
     *
     * @param from the lowest base layer L, at least 0
     * @param to the layer H at which the search starts from above, greater than L
     * @return the schedule
     * @throws IllegalArgumentException if the range is empty or negative
     */
    public Schedule withRange(int from, int to) {
        return new Schedule(from, OptionalInt.of(to), layersPerMerge, interval);
    }

    /**
     * Returns this schedule with another number of layers a merge.
     *
     * @param layers C, at least 2
     * @return the schedule
     * @throws IllegalArgumentException if C is less than 2
     */
    public Schedule withLayersPerMerge(int layers) {
        return new Schedule(low, high, layers, interval);
    }

    /**
     * Returns this schedule with another interval.
     *
     * @param layers I, at least 1
     * @return the schedule
     * @throws IllegalArgumentException if I is less than 1
     */
    public Schedule withInterval(int layers) {
        return new Schedule(low, high, layersPerMerge, layers);
    }

    /**
     * Returns what the record of a search says.
     *
     * @return the numbers by name
     */
    public ImmutableMap<String, Object> parameters() {
        ImmutableMap.Builder<String, Object> parameters = ImmutableMap.builder();
        parameters.put("low", low);
        high.ifPresent(top -> parameters.put("high", top));
        return parameters
                .put("layersPerMerge", layersPerMerge)
                .put("interval", interval)
                .buildOrThrow();
    }

    /**
     * Refuses a model that the range doesn't fit.
     *
     * @param layers the model's number of layers
     * @throws IllegalArgumentException with a message that says what would fit
     */
    public void check(int layers) {
        int top = high.orElse(layers);
        checkArgument(
                top <= layers,
                "the range [%s, %s] is outside the model, which has %s layers: its high end may be at most %s",
                low,
                top,
                layers,
                layers);
        checkArgument(
                top - layersPerMerge >= low,
                "merges of %s layers do not fit the range [%s, %s]: at most %s layers fit",
                layersPerMerge,
                low,
                top,
                top - low);
    }

    /**
     * Starts at the top of the range.
     *
     * @param layers the model's number of layers
     * @return the walk, which belongs to one thread
     */
    public Walk walk(int layers) {
        return new Walk(high.orElse(layers) - layersPerMerge);
    }

    /**
     * Returns how many following layers are merged into a base layer: C − 1, or as many as there are.
     *
     * @param layer the base layer
     * @param layers the current model's number of layers
     * @return the number m, at least 1 on a walk through the range
     */
    public int following(int layer, int layers) {
        return Math.min(layersPerMerge - 1, layers - layer - 1);
    }

    /** Where a search is in the schedule. */
    public final class Walk {
        private int layer;
        private int refused;

        private Walk(int layer) {
            this.layer = layer;
        }

        /**
         * Returns whether there is a base layer to look at.
         *
         * @return false once the walk has left the range below
         */
        public boolean isInRange() {
            return layer >= low;
        }

        /**
         * Returns the base layer to look at.
         *
         * @return the layer l
         */
        public int layer() {
            return layer;
        }

        /**
         * Moves down: by I after an accepted merge, else by one.
         *
         * @param accepted whether the candidate at this base layer was accepted
         */
        public void decided(boolean accepted) {
            layer -= accepted ? interval : 1;
            refused = accepted ? 0 : refused + 1;
        }

        /**
         * Returns the base layers whose candidates are scored in the next batch, mostly of as many as were refused in a row and one more:
         * after an acceptance they are others, so that at most as many are scored in vain as were needed.
         *
         * @param candidates gives the number of candidates at a base layer
         * @param mergeable tells whether the layers at a base layer may be merged
         * @param batching how many candidates it pays to score together
         * @return base layers from this one down
         */
        ImmutableList<Integer> ahead(IntUnaryOperator candidates, IntPredicate mergeable, Batching batching) {
            ImmutableList.Builder<Integer> bases = ImmutableList.builder();
            int taken = 0;
            for (int base = layer; base >= low; base--) {
                int some = candidates.applyAsInt(base);
                if (taken > 0 && taken + some > batching.ahead((refused + 1) * some)) {
                    break;
                }
                if (mergeable.test(base)) {
                    bases.add(base);
                    taken += some;
                }
            }
            return bases.build();
        }
    }
}
