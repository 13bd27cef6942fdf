package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.tensor.SequenceLayout;

/**
 * Sequences with one row for each beginning that several have in common, as the choices of a question have their context.
 *
 * <pre>
 * 7 3 5 1        7 3 ── 5 1
 * 7 3 5 2   →         │  └ 2
 * 7 3 8               └ 8
 * </pre>
 */
final class TokenTree {
    private final SequenceLayout layout;
    /** The row of each position of each sequence. */
    private final ImmutableList<int[]> rows;
    /** The sequence and position that each row was first needed for. */
    private final ImmutableList<Place> places;

    /** A position of a sequence. */
    record Place(int sequence, int position) {}

    private TokenTree(SequenceLayout layout, ImmutableList<int[]> rows, ImmutableList<Place> places) {
        this.layout = layout;
        this.rows = rows;
        this.places = places;
    }

    /** Lays out sequences of several groups; what those of one group begin with is shared, of different groups nothing is. */
    static TokenTree of(Calibration input, List<Integer> groups) {
        Map<Integer, List<Integer>> members = new LinkedHashMap<>();
        for (int i = 0; i < groups.size(); i++) {
            members.computeIfAbsent(groups.get(i), group -> new ArrayList<>()).add(i);
        }
        Builder builder = new Builder(input);
        members.values().forEach(group -> builder.add(group, 0, OptionalInt.empty()));
        return builder.build();
    }

    SequenceLayout layout() {
        return layout;
    }

    /** Returns the row of a position of a sequence. */
    int row(int sequence, int position) {
        return rows.get(sequence)[position];
    }

    /** Returns a position of a sequence that has a row. */
    Place place(int row) {
        return places.get(row);
    }

    private static final class Builder {
        private final List<int[]> tokens;
        private final ImmutableList<int[]> rows;
        private final ImmutableList.Builder<Place> places = ImmutableList.builder();
        private final List<Integer> lengths = new ArrayList<>();
        private final List<OptionalInt> continued = new ArrayList<>();
        private int end;

        Builder(Calibration input) {
            this.tokens = IntStream.range(0, input.layout().count())
                    .mapToObj(input::tokens)
                    .toList();
            this.rows = tokens.stream().map(ids -> new int[ids.length]).collect(ImmutableList.toImmutableList());
        }

        /** Adds the rows from a position on of sequences that are alike before it. */
        void add(List<Integer> members, int from, OptionalInt before) {
            int to = from;
            while (agree(members, to)) {
                for (int member : members) {
                    rows.get(member)[to] = end;
                }
                places.add(new Place(members.get(0), to));
                end++;
                to++;
            }
            OptionalInt last = before;
            if (to > from) {
                last = OptionalInt.of(lengths.size());
                lengths.add(to - from);
                continued.add(before);
            }
            Map<Integer, List<Integer>> byNext = new LinkedHashMap<>();
            for (int member : members) {
                if (tokens.get(member).length > to) {
                    byNext.computeIfAbsent(tokens.get(member)[to], token -> new ArrayList<>())
                            .add(member);
                }
            }
            for (List<Integer> branch : byNext.values()) {
                add(branch, to, last);
            }
        }

        /** Whether all sequences have the same token at a position. */
        private boolean agree(List<Integer> members, int position) {
            int[] first = tokens.get(members.get(0));
            return position < first.length
                    && members.stream()
                            .map(tokens::get)
                            .allMatch(ids -> ids.length > position && ids[position] == first[position]);
        }

        TokenTree build() {
            return new TokenTree(SequenceLayout.branching(lengths, continued), rows, places.build());
        }
    }
}
