package org.laco.model.block;

/**
 * Position interpolation (Chen et al., arXiv 2306.15595): all frequencies are divided by one factor.
 *
 * @param factor the factor
 */
public record LinearScaling(double factor) implements RotaryScaling {
    @Override
    public float[] scale(float[] frequencies, int length) {
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= (float) factor;
        }
        return scaled;
    }
}
