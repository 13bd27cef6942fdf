package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.tensor.SequenceLayout;

/**
 * Some of many sequences, of similar length, run together.
 *
 * @param members the numbers of the sequences
 * @param input the sequences in that order
 */
record SequenceBatch(ImmutableList<Integer> members, Calibration input) {
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
        return new SequenceBatch(ImmutableList.copyOf(members), all.sequences(members));
    }

    SequenceLayout layout() {
        return input.layout();
    }

    /** Names a row for a message. */
    String describe(int row) {
        int[] starts = IntStream.range(0, members.size()).map(layout()::start).toArray();
        int found = Arrays.binarySearch(starts, row);
        int member = found >= 0 ? found : -found - 2;
        return "sequence " + members.get(member) + ", position " + (row - starts[member]);
    }
}
