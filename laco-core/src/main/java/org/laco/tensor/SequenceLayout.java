package org.laco.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/**
 * How the rows of one matrix of hidden states divide into sequences.
 *
 * <p>All sequences are stacked in one matrix {@code [rows, width]} without padding: the rows of sequence {@code i} are {@code
 * start(i)} to {@code start(i) + length(i) - 1}, in the order of their positions.
 *
 * <p>A sequence may {@linkplain #branching continue another one}, as each answer to a question continues the question: it has rows of
 * its own only for what is added, and these see the rows of what it continues. Only stacks that say so take such a layout.
 */
public final class SequenceLayout {
    private static final int NONE = -1;

    private final int[] starts;
    /** The sequence that each continues. */
    private final int[] continued;
    /** The position of each sequence's first row. */
    private final int[] positions;

    private SequenceLayout(int[] starts, int[] continued) {
        this.starts = starts;
        this.continued = continued;
        this.positions = new int[continued.length];
        for (int i = 0; i < continued.length; i++) {
            positions[i] = continued[i] == NONE ? 0 : Math.addExact(positions[continued[i]], length(continued[i]));
        }
    }

    /**
     * Lays sequences of given lengths one after another.
     *
     * @param lengths the number of positions of each sequence, each at least 1
     * @return the layout
     * @throws IllegalArgumentException if there is no sequence or one is empty
     */
    public static SequenceLayout of(List<Integer> lengths) {
        return branching(lengths, Collections.nCopies(lengths.size(), OptionalInt.empty()));
    }

    /**
     * Lays sequences one after another of which some continue others from their ends.
     *
     * <pre>{@code
     * // A question of five tokens with answers of two tokens and of three.
     * SequenceLayout.branching(List.of(5, 2, 3), List.of(OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(0)));
     * }</pre>
     *
     * @param lengths the number of rows that each sequence adds, each at least 1
     * @param continued for each sequence the number of an earlier one that it continues, empty if it begins a text
     * @return the layout
     * @throws IllegalArgumentException if there is no sequence, one is empty, or one continues itself or a later one
     */
    public static SequenceLayout branching(List<Integer> lengths, List<OptionalInt> continued) {
        checkArgument(!lengths.isEmpty(), "a batch needs at least one sequence");
        checkArgument(
                lengths.size() == continued.size(),
                "%s lengths of sequences, but %s say what they continue",
                lengths.size(),
                continued.size());
        int[] starts = new int[lengths.size() + 1];
        int[] parents = new int[lengths.size()];
        for (int i = 0; i < lengths.size(); i++) {
            checkArgument(lengths.get(i) > 0, "sequence %s is empty", i);
            starts[i + 1] = Math.addExact(starts[i], lengths.get(i));
            parents[i] = continued.get(i).orElse(NONE);
            checkArgument(
                    continued.get(i).isEmpty() || parents[i] >= 0 && parents[i] < i,
                    "sequence %s continues sequence %s, expected one before it",
                    i,
                    parents[i]);
        }
        return new SequenceLayout(starts, parents);
    }

    /**
     * Returns the number of sequences.
     *
     * @return at least 1
     */
    public int count() {
        return continued.length;
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
     * Returns the number of rows of a sequence, without those of what it continues.
     *
     * @param sequence the sequence, from 0
     * @return its number of rows
     */
    public int length(int sequence) {
        return starts[sequence + 1] - starts[sequence];
    }

    /**
     * Returns the longest sequence's number of rows.
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
     * Returns whether there are sequences that continue others.
     *
     * @return whether there are
     */
    public boolean branches() {
        return Arrays.stream(continued).anyMatch(sequence -> sequence != NONE);
    }

    /**
     * Returns the sequence that one continues.
     *
     * @param sequence the sequence, from 0
     * @return the number of an earlier one, empty if it begins a text
     */
    public OptionalInt continued(int sequence) {
        return continued[sequence] == NONE ? OptionalInt.empty() : OptionalInt.of(continued[sequence]);
    }

    /**
     * Returns the position of a sequence's first row, which is the number of rows of what it continues.
     *
     * @param sequence the sequence, from 0
     * @return the position, 0 if it begins a text
     */
    public int position(int sequence) {
        return positions[sequence];
    }

    /**
     * Returns the rows that the last row of a sequence sees: those of what it continues, and its own.
     *
     * @param sequence the sequence, from 0
     * @return one row a position, in the order of positions
     */
    public int[] rowsUpTo(int sequence) {
        int[] rows = new int[position(sequence) + length(sequence)];
        for (int i = sequence; i != NONE; i = continued[i]) {
            for (int at = 0; at < length(i); at++) {
                rows[position(i) + at] = start(i) + at;
            }
        }
        return rows;
    }

    /**
     * Returns where texts begin that don't see one another: the sequences from which on none continues one before them.
     *
     * @return their numbers in ascending order, 0 first; all of them if no sequence continues another
     */
    public int[] texts() {
        int[] texts = new int[count()];
        int found = 0;
        int earliest = count();
        for (int i = count() - 1; i >= 0; i--) {
            earliest = Math.min(earliest, continued[i] == NONE ? i : continued[i]);
            if (earliest == i) {
                found++;
                texts[count() - found] = i;
            }
        }
        return Arrays.copyOfRange(texts, count() - found, count());
    }

    /**
     * Returns the layout of some of the sequences alone.
     *
     * @param from the first sequence, which begins a text
     * @param to the one after the last, greater than {@code from}
     * @return a layout whose row 0 is {@code start(from)}
     * @throws IllegalArgumentException if there are no such sequences, or one continues a sequence before them
     */
    public SequenceLayout part(int from, int to) {
        checkArgument(
                0 <= from && from < to && to <= count(),
                "there are no sequences from %s to before %s among %s",
                from,
                to,
                count());
        int[] partStarts = new int[to - from + 1];
        int[] partContinued = new int[to - from];
        for (int i = from; i < to; i++) {
            checkArgument(
                    continued[i] == NONE || continued[i] >= from,
                    "sequence %s continues sequence %s, which isn't among those from %s on",
                    i,
                    continued[i],
                    from);
            partContinued[i - from] = continued[i] == NONE ? NONE : continued[i] - from;
            partStarts[i - from + 1] = starts[i + 1] - starts[from];
        }
        return new SequenceLayout(partStarts, partContinued);
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
        ImmutableList.Builder<OptionalInt> parents = ImmutableList.builder();
        for (int t = 0; t < times; t++) {
            for (int i = 0; i < count(); i++) {
                lengths.add(length(i));
                parents.add(continued[i] == NONE ? OptionalInt.empty() : OptionalInt.of(continued[i] + t * count()));
            }
        }
        return branching(lengths.build(), parents.build());
    }

    /**
     * Returns the layout of the pieces that sequences are cut into, as sequences of their own.
     *
     * @param most the number of rows of each piece but a sequence's last, which may be shorter
     * @return a layout of the same rows, this one if no sequence is longer
     * @throws IllegalArgumentException if a longer sequence is there and some continue others
     */
    public SequenceLayout divided(int most) {
        if (maxLength() <= most) {
            return this;
        }
        checkArgument(!branches(), "sequences that continue others can't be cut into pieces");
        ImmutableList.Builder<Integer> lengths = ImmutableList.builder();
        for (int i = 0; i < count(); i++) {
            for (int from = 0; from < length(i); from += most) {
                lengths.add(Math.min(most, length(i) - from));
            }
        }
        return of(lengths.build());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SequenceLayout layout
                && Arrays.equals(starts, layout.starts)
                && Arrays.equals(continued, layout.continued);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(starts) + Arrays.hashCode(continued);
    }

    @Override
    public String toString() {
        return count() + " sequences, " + rows() + " rows";
    }
}
