package org.laco.model.block;

/** Rotary frequencies as they are. */
public record NoScaling() implements RotaryScaling {
    @Override
    public float[] scale(float[] frequencies, int length) {
        return frequencies;
    }
}
