package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Some of many sequences, of similar length, run together.
 *
 * @param members the numbers of the sequences
 * @param input the sequences in that order
 * @param shared how they share rows, empty if each has rows of its own
 */
record SequenceBatch(ImmutableList<Integer> members, Calibration input, Optional<TokenTree> shared) {
    /** Divides sequences into batches, from the shortest up, so that little is padded. */
    static ImmutableList<SequenceBatch> divide(Calibration all, int maxRows) {
        SequenceLayout layout = all.layout();
        List<Integer> order = IntStream.range(0, layout.count())
                .boxed()
                .sorted(Comparator.comparing(layout::length))
                .toList();
        ImmutableList.Builder<SequenceBatch> batches = ImmutableList.builder();
        List<Integer> members = new ArrayList<>();
        for (int next : order) {
            if (!members.isEmpty() && (members.size() + 1L) * layout.length(next) > maxRows) {
                batches.add(pick(all, members));
                members.clear();
            }
            members.add(next);
        }
        return batches.add(pick(all, members)).build();
    }

    /**
     * Divides sequences into batches whose rows are shared by the sequences of a group, which stay together, from the group of the shortest
     * sequences up.
     *
     * @param groups the group of each sequence
     */
    static ImmutableList<SequenceBatch> share(Calibration all, int[] groups, int maxRows) {
        ImmutableList.Builder<SequenceBatch> batches = ImmutableList.builder();
        List<Integer> members = new ArrayList<>();
        int rows = 0;
        for (List<Integer> next : members(all.layout(), groups)) {
            int added = share(all, next, groups).layout().rows();
            if (!members.isEmpty() && rows + added > maxRows) {
                batches.add(share(all, members, groups));
                members.clear();
                rows = 0;
            }
            members.addAll(next);
            rows += added;
        }
        return batches.add(share(all, members, groups)).build();
    }

    /** Returns the sequences of each group, from the group of the shortest sequences up. */
    private static List<List<Integer>> members(SequenceLayout layout, int[] groups) {
        return IntStream.range(0, layout.count())
                .boxed()
                .collect(Collectors.groupingBy(i -> groups[i], LinkedHashMap::new, Collectors.toList()))
                .values()
                .stream()
                .sorted(Comparator.comparing(members ->
                        members.stream().mapToInt(layout::length).max().orElseThrow()))
                .toList();
    }

    private static SequenceBatch share(Calibration all, List<Integer> members, int[] groups) {
        Calibration input = all.sequences(members);
        List<Integer> theirs = members.stream().map(i -> groups[i]).toList();
        return new SequenceBatch(ImmutableList.copyOf(members), input, Optional.of(TokenTree.of(input, theirs)));
    }

    /** Divides batches into groups whose rows together stay below a bound, unless a batch alone has more. */
    static ImmutableList<ImmutableList<SequenceBatch>> group(List<SequenceBatch> batches, long maxRows) {
        ImmutableList.Builder<ImmutableList<SequenceBatch>> groups = ImmutableList.builder();
        List<SequenceBatch> group = new ArrayList<>();
        long rows = 0;
        for (SequenceBatch batch : batches) {
            if (!group.isEmpty() && rows + batch.layout().rows() > maxRows) {
                groups.add(ImmutableList.copyOf(group));
                group.clear();
                rows = 0;
            }
            group.add(batch);
            rows += batch.layout().rows();
        }
        return groups.add(ImmutableList.copyOf(group)).build();
    }

    private static SequenceBatch pick(Calibration all, List<Integer> members) {
        return new SequenceBatch(ImmutableList.copyOf(members), all.sequences(members), Optional.empty());
    }

    /** Returns how the rows that run through the layers divide. */
    SequenceLayout layout() {
        return shared.map(TokenTree::layout).orElse(input.layout());
    }

    /** Returns the row of a position of a member. */
    int row(int member, int position) {
        return shared.map(tree -> tree.row(member, position))
                .orElseGet(() -> input.layout().start(member) + position);
    }

    /** Computes what enters layer 0. */
    INDArray embed(LayerStack stack) {
        INDArray all = stack.embed(input);
        if (shared.isEmpty()) {
            return all;
        }
        int[] rows = IntStream.range(0, layout().rows())
                .mapToObj(shared.get()::place)
                .mapToInt(place -> input.layout().start(place.sequence()) + place.position())
                .toArray();
        try (all) {
            return Nd4j.pullRows(all, 1, rows);
        }
    }

    /** Names a row for a message. */
    String describe(int row) {
        TokenTree.Place place = shared.map(tree -> tree.place(row)).orElseGet(() -> place(row));
        return "sequence " + members.get(place.sequence()) + ", position " + place.position();
    }

    private TokenTree.Place place(int row) {
        int[] starts =
                IntStream.range(0, members.size()).map(input.layout()::start).toArray();
        int found = Arrays.binarySearch(starts, row);
        int member = found >= 0 ? found : -found - 2;
        return new TokenTree.Place(member, row - starts[member]);
    }
}
