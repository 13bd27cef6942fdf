package org.laco.kernel;

import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;

/** Where in a batch a sequence's positions lie, those of what it continues included. */
final class AttendedRows {
    private final int[] rows;
    private final int first;

    private AttendedRows(int[] rows, int first) {
        this.rows = rows;
        this.first = first;
    }

    static AttendedRows of(SequenceLayout sequences, int sequence) {
        return new AttendedRows(sequences.rowsUpTo(sequence), sequences.position(sequence));
    }

    /** Returns the position of the sequence's first own row, whose result is asked for as are those of all after it. */
    int first() {
        return first;
    }

    /** Returns the number of positions. */
    int length() {
        return rows.length;
    }

    /** Returns the row of a position. */
    int row(int position) {
        return rows[position];
    }

    /** Copies the rows of the positions {@code [from, to)} of a matrix, those that follow one another at once. */
    void copy(HostFloats matrix, int width, int from, int to, float[] destination) {
        int position = from;
        while (position < to) {
            int begin = position;
            do {
                position++;
            } while (position < to && rows[position] == rows[position - 1] + 1);
            matrix.get(rows[begin] * width, destination, (begin - from) * width, (position - begin) * width);
        }
    }
}
