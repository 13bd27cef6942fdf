package org.laco.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;

/**
 * How the rows of one matrix of hidden states divide into sequences.
 *
 * <p>All sequences are stacked in one matrix {@code [rows, width]} without padding: the rows of sequence {@code i} are {@code
 * start(i)} to {@code start(i) + length(i) - 1}, in the order of their positions.
 */
public final class SequenceLayout {
    private final int[] starts;

    private SequenceLayout(int[] starts) {
        this.starts = starts;
    }

    /**
     * Lays sequences of given lengths one after another.
     *
     * @param lengths the number of positions of each sequence, each at least 1
     * @return the layout
     * @throws IllegalArgumentException if there is no sequence or one is empty
     */
    public static SequenceLayout of(List<Integer> lengths) {
        checkArgument(!lengths.isEmpty(), "a batch needs at least one sequence");
        int[] starts = new int[lengths.size() + 1];
        for (int i = 0; i < lengths.size(); i++) {
            checkArgument(lengths.get(i) > 0, "sequence %s is empty", i);
            starts[i + 1] = Math.addExact(starts[i], lengths.get(i));
        }
        return new SequenceLayout(starts);
    }

    /**
     * Returns the number of sequences.
     *
     * @return at least 1
     */
    public int count() {
        return starts.length - 1;
    }

    /**
     * Returns the number of rows of all sequences together.
     *
     * @return at least 1
     */
    public int rows() {
        return starts[count()];
    }

    /**
     * Returns the row at which a sequence starts.
     *
     * @param sequence the sequence, from 0
     * @return its first row
     */
    public int start(int sequence) {
        return starts[sequence];
    }

    /**
     * Returns the number of positions of a sequence.
     *
     * @param sequence the sequence, from 0
     * @return its number of rows
     */
    public int length(int sequence) {
        return starts[sequence + 1] - starts[sequence];
    }

    /**
     * Returns the longest sequence's length.
     *
     * @return at least 1
     */
    public int maxLength() {
        int longest = 0;
        for (int i = 0; i < count(); i++) {
            longest = Math.max(longest, length(i));
        }
        return longest;
    }

    /**
     * Returns the layout of this batch stacked several times, as when several candidates are evaluated together.
     *
     * @param times how often, at least 1
     * @return a layout of {@code times * rows()} rows
     */
    public SequenceLayout repeat(int times) {
        checkArgument(times > 0, "a batch is repeated at least once, not %s times", times);
        ImmutableList.Builder<Integer> lengths = ImmutableList.builder();
        for (int t = 0; t < times; t++) {
            for (int i = 0; i < count(); i++) {
                lengths.add(length(i));
            }
        }
        return of(lengths.build());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SequenceLayout layout && Arrays.equals(starts, layout.starts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(starts);
    }

    @Override
    public String toString() {
        return count() + " sequences, " + rows() + " rows";
    }
}
