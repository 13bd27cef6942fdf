package org.laco.evaluate;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.laco.plan.PlannedLayer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Candidates that run together. Those whose remaining layers are the same have their rows in one matrix, so that a
 * layer's weights are read once for all of them.
 *
 * <p>The group with the most layers ahead always goes next. So groups meet where their plans meet, and layers are asked for from the
 * bottom up.
 */
final class CandidateBatch implements AutoCloseable {
    private final List<Group> groups = new ArrayList<>();

    /** Takes the rows of a group through one layer. */
    interface GroupRun {
        /**
         * @param layer the layer
         * @param ahead the number of layers after it
         * @param hidden the rows of all candidates of a group
         * @param candidates how many they are
         * @return the rows that leave the layer, a new array
         */
        INDArray run(PlannedLayer layer, int ahead, INDArray hidden, int candidates);
    }

    /**
     * Candidates with the same layers ahead.
     *
     * @param ahead these layers
     * @param hidden the candidates' rows, one candidate after another
     * @param owned whether the rows are this group's to close
     * @param candidates the candidates' numbers in the order of their rows
     */
    private record Group(
            ImmutableList<PlannedLayer> ahead, INDArray hidden, boolean owned, ImmutableList<Integer> candidates) {
        void close() {
            if (owned) {
                hidden.close();
            }
        }
    }

    /**
     * Adds a candidate.
     *
     * @param number its number
     * @param ahead the layers that it has to run through
     * @param entering what enters the first of them, which stays the caller's
     */
    void add(int number, ImmutableList<PlannedLayer> ahead, INDArray entering) {
        join(new Group(ahead, entering, false, ImmutableList.of(number)));
    }

    /** Runs all candidates to the top. */
    void run(GroupRun layers) {
        while (true) {
            Group group = groups.stream()
                    .max(Comparator.comparingInt(one -> one.ahead.size()))
                    .orElseThrow();
            if (group.ahead.isEmpty()) {
                return;
            }
            ImmutableList<PlannedLayer> after = group.ahead.subList(1, group.ahead.size());
            INDArray next = layers.run(group.ahead.get(0), after.size(), group.hidden, group.candidates.size());
            groups.remove(group);
            group.close();
            join(new Group(after, next, true, group.candidates));
        }
    }

    /** Joins a group to one with the same layers ahead, if there is one. */
    private void join(Group arriving) {
        for (int i = 0; i < groups.size(); i++) {
            Group waiting = groups.get(i);
            if (waiting.ahead.equals(arriving.ahead)) {
                INDArray joined = Nd4j.concat(0, waiting.hidden, arriving.hidden);
                waiting.close();
                arriving.close();
                ImmutableList<Integer> both = ImmutableList.<Integer>builder()
                        .addAll(waiting.candidates)
                        .addAll(arriving.candidates)
                        .build();
                groups.set(i, new Group(waiting.ahead, joined, true, both));
                return;
            }
        }
        groups.add(arriving);
    }

    /** Returns the rows of all candidates, after {@link #run}. */
    INDArray hidden() {
        return groups.get(0).hidden;
    }

    /** Returns the candidates' numbers in the order of their rows, after {@link #run}. */
    ImmutableList<Integer> order() {
        return groups.get(0).candidates;
    }

    @Override
    public void close() {
        groups.forEach(Group::close);
        groups.clear();
    }
}
