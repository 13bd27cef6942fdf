package org.laco.stack;

/**
 * A stack that runs what several sequences begin with once: it takes a {@link org.laco.tensor.SequenceLayout} of sequences that continue
 * others.
 */
public interface Branching {
    /**
     * Returns how long sequences may be, what they continue included, for a row to depend on nothing that comes after it. A stack whose
     * positions are scaled by the length of the whole sequence has such a limit.
     *
     * @return the most positions of a sequence that continues another, 0 if none may
     */
    int longestBranch();

    /**
     * Asks a stack how long sequences may be that continue others.
     *
     * @param stack the stack
     * @return the most positions; 0, which is none, for a stack that doesn't say
     */
    static int longestBranch(LayerStack stack) {
        return stack instanceof Branching branching ? branching.longestBranch() : 0;
    }
}
