package org.laco.model.block;

/**
 * Rotary frequencies of which only the highest turn, as in Gemma 4: the pairs of the whole head keep their frequencies up to a number, and the
 * others stand still.
 *
 * @param turning the number of pairs that turn
 * @param factor what the frequencies are divided by
 */
public record ProportionalScaling(int turning, double factor) implements RotaryScaling {
    @Override
    public float[] scale(float[] frequencies, int length) {
        float[] scaled = new float[frequencies.length];
        for (int i = 0; i < Math.min(turning, scaled.length); i++) {
            scaled[i] = frequencies[i] / (float) factor;
        }
        return scaled;
    }
}
