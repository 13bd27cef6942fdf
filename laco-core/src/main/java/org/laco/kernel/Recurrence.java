package org.laco.kernel;

import java.util.Arrays;
import org.laco.tensor.SequenceLayout;

/**
 * Runs heads of a recurrence over the positions of sequences, heads and texts divided among threads.
 *
 * <p>Each sequence begins with a state of zeros, or with that in which the one ended that it continues. What is computed for a head of a
 * text depends on these alone, so that it is the same for any number of threads.
 */
final class Recurrence {
    private final SequenceLayout sequences;
    private final RowChunks chunks;

    Recurrence(SequenceLayout sequences, RowChunks chunks) {
        this.sequences = sequences;
        this.chunks = chunks;
    }

    /** What is done with one head of consecutive rows {@code [from, to)} of a sequence. */
    interface Body {
        void run(StateMatrix state, int head, int from, int to);
    }

    /** Runs all heads, whose states have some number of rows and columns. */
    void run(int heads, int rows, int columns, Body body) {
        int[] texts = Arrays.copyOf(sequences.texts(), sequences.texts().length + 1);
        texts[texts.length - 1] = sequences.count();
        chunks.each((texts.length - 1) * heads, task -> {
            int text = task / heads;
            run(texts[text], texts[text + 1], StateMatrix.zeros(rows, columns), task % heads, body);
        });
    }

    private void run(int from, int to, StateMatrix zeros, int head, Body body) {
        StateMatrix[] states = new StateMatrix[to - from];
        for (int sequence = from; sequence < to; sequence++) {
            boolean last = sequence + 1 == to;
            StateMatrix before = sequences.continued(sequence).isPresent()
                    ? states[sequences.continued(sequence).getAsInt() - from]
                    : zeros;
            StateMatrix state = last ? before : before.copy();
            int start = sequences.start(sequence);
            body.run(state, head, start, start + sequences.length(sequence));
            states[sequence - from] = state;
        }
    }
}
