package org.laco.model.block;

/** How rotary frequencies are changed for contexts longer than those of training. Implementations have value equality. */
public interface RotaryScaling {
    /**
     * Returns the frequencies, which may depend on the sequence's length.
     *
     * @param frequencies the unscaled frequencies, one a pair
     * @param length the number of positions of the sequence
     * @return the scaled frequencies, of the same number
     */
    float[] scale(float[] frequencies, int length);

    /**
     * Returns the longest sequence whose frequencies are the same as those of all shorter ones.
     *
     * @return the number of positions, by default without a limit
     */
    default int steadyLength() {
        return Integer.MAX_VALUE;
    }

    /**
     * Returns the factor of cosines and sines.
     *
     * @return the factor, 1 by default
     */
    default double attentionFactor() {
        return 1;
    }
}
