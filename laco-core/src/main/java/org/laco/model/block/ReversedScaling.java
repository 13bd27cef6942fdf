package org.laco.model.block;

/**
 * Rotation the other way round, by angles of the opposite sign.
 *
 * @param scaling how the frequencies are changed beside that
 */
public record ReversedScaling(RotaryScaling scaling) implements RotaryScaling {
    @Override
    public float[] scale(float[] frequencies, int length) {
        float[] reversed = scaling.scale(frequencies, length).clone();
        for (int i = 0; i < reversed.length; i++) {
            reversed[i] = -reversed[i];
        }
        return reversed;
    }

    @Override
    public int steadyLength() {
        return scaling.steadyLength();
    }

    @Override
    public double attentionFactor() {
        return scaling.attentionFactor();
    }
}
