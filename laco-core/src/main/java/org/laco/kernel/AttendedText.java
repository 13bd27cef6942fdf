package org.laco.kernel;

import com.google.common.collect.ImmutableList;
import java.util.stream.IntStream;
import org.laco.tensor.SequenceLayout;

/** Rows of a batch that see one another: a sequence with those that continue it. */
final class AttendedText {
    private final int start;
    private final ImmutableList<AttendedRows> sequences;
    /** The sequence of each row. */
    private final AttendedRows[] owners;

    private AttendedText(int start, ImmutableList<AttendedRows> sequences) {
        this.start = start;
        this.sequences = sequences;
        this.owners = sequences.stream()
                .flatMap(sequence ->
                        IntStream.range(sequence.first(), sequence.length()).mapToObj(position -> sequence))
                .toArray(AttendedRows[]::new);
    }

    /** Returns the texts of a batch. */
    static ImmutableList<AttendedText> of(SequenceLayout sequences) {
        int[] texts = sequences.texts();
        return IntStream.range(0, texts.length)
                .mapToObj(i -> of(sequences, texts[i], i + 1 == texts.length ? sequences.count() : texts[i + 1]))
                .collect(ImmutableList.toImmutableList());
    }

    private static AttendedText of(SequenceLayout sequences, int from, int to) {
        return new AttendedText(
                sequences.start(from),
                IntStream.range(from, to)
                        .mapToObj(i -> AttendedRows.of(sequences, i))
                        .collect(ImmutableList.toImmutableList()));
    }

    ImmutableList<AttendedRows> sequences() {
        return sequences;
    }

    /** Whether a row may not see all rows before it. */
    boolean branches() {
        return sequences.size() > 1;
    }

    /** Returns the row of the batch at which the text starts. */
    int start() {
        return start;
    }

    /** Returns the number of rows. */
    int length() {
        return owners.length;
    }

    /** Returns how many rows a row sees, itself included; it is one of the text's, from 0. */
    int seen(int row) {
        AttendedRows owner = owners[row];
        return start + row - owner.row(owner.first()) + owner.first() + 1;
    }

    /** Returns the row, from 0, of a position that a row sees. */
    int row(int seeing, int position) {
        return owners[seeing].row(position) - start;
    }
}
