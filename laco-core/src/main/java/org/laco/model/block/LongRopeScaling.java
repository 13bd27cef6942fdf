package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;

/**
 * LongRoPE (Ding et al., arXiv 2402.13753): each frequency is divided by a factor of its own, one set for sequences up to the original
 * length and another one for longer sequences.
 *
 * @param shortFactors one factor a pair
 * @param longFactors one factor a pair
 * @param originalLength the longest sequence for which the short factors are used
 * @param attentionFactor the factor of cosines and sines
 */
public record LongRopeScaling(
        ImmutableList<Double> shortFactors,
        ImmutableList<Double> longFactors,
        int originalLength,
        double attentionFactor)
        implements RotaryScaling {
    @Override
    public float[] scale(float[] frequencies, int length) {
        ImmutableList<Double> factors = length > originalLength ? longFactors : shortFactors;
        checkArgument(
                factors.size() == frequencies.length,
                "longrope has %s factors for %s rotary frequencies",
                factors.size(),
                frequencies.length);
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) (scaled[i] / factors.get(i));
        }
        return scaled;
    }

    @Override
    public int steadyLength() {
        return originalLength;
    }
}
