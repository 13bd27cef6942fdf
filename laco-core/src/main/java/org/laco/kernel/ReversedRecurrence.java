package org.laco.kernel;

/**
 * A recurrence from the last position to the first, for its derivative.
 *
 * <p>The states of all positions would take too much memory, so those of some are kept, and the ones between are computed again.
 */
final class ReversedRecurrence {
    /** Positions between two kept states. */
    private static final int BLOCK = 32;

    private final int rows;
    private final int columns;

    ReversedRecurrence(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
    }

    /** Takes a state over one position. */
    interface Step {
        void run(StateMatrix state, int position);
    }

    /** Takes the gradient by the state after a position to that by the state before it. */
    interface Back {
        void run(StateMatrix before, StateMatrix after, StateMatrix gradient, int position);
    }

    void run(int length, Step step, Back back) {
        StateMatrix[] kept = new StateMatrix[(length + BLOCK - 1) / BLOCK];
        StateMatrix state = StateMatrix.zeros(rows, columns);
        for (int position = 0; position < length; position++) {
            if (position % BLOCK == 0) {
                kept[position / BLOCK] = state.copy();
            }
            step.run(state, position);
        }
        StateMatrix[] states = new StateMatrix[Math.min(length, BLOCK) + 1];
        for (int i = 0; i < states.length; i++) {
            states[i] = StateMatrix.zeros(rows, columns);
        }
        StateMatrix gradient = StateMatrix.zeros(rows, columns);
        for (int block = kept.length - 1; block >= 0; block--) {
            int from = block * BLOCK;
            int count = Math.min(length - from, BLOCK);
            states[0].set(kept[block]);
            for (int i = 0; i < count; i++) {
                states[i + 1].set(states[i]);
                step.run(states[i + 1], from + i);
            }
            for (int i = count - 1; i >= 0; i--) {
                back.run(states[i], states[i + 1], gradient, from + i);
            }
        }
    }
}
