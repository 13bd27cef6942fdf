package org.laco.model.block;

/**
 * YaRN (Peng et al., arXiv 2309.00071): frequencies of many turns within the original context are kept, those of few turns are divided
 * by the factor, and a ramp lies between.
 *
 * @param factor by how much the context is stretched
 * @param low the pair at which the ramp starts
 * @param high the pair at which the ramp ends
 * @param attentionFactor the factor of cosines and sines
 */
public record YarnScaling(double factor, double low, double high, double attentionFactor) implements RotaryScaling {
    /**
     * Finds the ramp from the numbers of turns at its ends.
     *
     * @param factor by how much the context is stretched
     * @param rotary the width and base that are scaled
     * @param originalLength the context length of the original training
     * @param fast the number of turns above which frequencies are kept, mostly 32
     * @param slow the number of turns below which frequencies are divided, mostly 1
     * @param rounded whether the ramp's ends are rounded outwards to whole pairs
     * @param attentionFactor the factor of cosines and sines
     * @return the scaling
     */
    public static YarnScaling of(
            double factor,
            Rotary rotary,
            int originalLength,
            double fast,
            double slow,
            boolean rounded,
            double attentionFactor) {
        double low = pairOf(fast, rotary, originalLength);
        double high = pairOf(slow, rotary, originalLength);
        return new YarnScaling(
                factor,
                Math.max(rounded ? Math.floor(low) : low, 0),
                Math.min(rounded ? Math.ceil(high) : high, rotary.width() - 1),
                attentionFactor);
    }

    /** The pair, as a real number, that turns so many times within a length. */
    private static double pairOf(double turns, Rotary rotary, int length) {
        return rotary.width() * Math.log(length / (turns * 2 * Math.PI)) / (2 * Math.log(rotary.theta()));
    }

    @Override
    public float[] scale(float[] frequencies, int length) {
        float[] scaled = frequencies.clone();
        // A ramp of no width would divide by zero.
        double width = high == low ? 0.001 : high - low;
        for (int i = 0; i < scaled.length; i++) {
            float divided = (float) Math.max(0, Math.min(1, (i - low) / width));
            scaled[i] = (float) (scaled[i] / factor) * divided + scaled[i] * (1 - divided);
        }
        return scaled;
    }
}
