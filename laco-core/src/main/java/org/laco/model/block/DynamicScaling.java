package org.laco.model.block;

/**
 * Dynamic NTK-aware scaling: for sequences longer than those of training, the base is raised so that the longest wavelength grows with
 * the sequence, {@code θ · (factor · length / trained − factor + 1)^(width / (width − 2))}.
 *
 * @param factor the factor
 * @param trainedLength the longest sequence of training
 */
public record DynamicScaling(double factor, int trainedLength) implements RotaryScaling {
    @Override
    public float[] scale(float[] frequencies, int length) {
        if (length <= trainedLength) {
            return frequencies;
        }
        double stretch = factor * length / trainedLength - (factor - 1);
        float[] scaled = frequencies.clone();
        int width = 2 * scaled.length;
        for (int i = 0; i < scaled.length; i++) {
            // θ^(−2i/width) with the raised base: what is raised to width/(width − 2) is raised to −2i/(width − 2) in
            // all.
            scaled[i] = (float) (scaled[i] * Math.pow(stretch, -2.0 * i / (width - 2)));
        }
        return scaled;
    }

    @Override
    public int steadyLength() {
        return trainedLength;
    }
}
