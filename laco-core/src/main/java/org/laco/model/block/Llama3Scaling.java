package org.laco.model.block;

/**
 * The scaling of Llama 3.1: wavelengths longer than the original context over the low factor are stretched, those shorter than it
 * over the high factor are kept, those between are interpolated.
 *
 * @param factor by how much long wavelengths are stretched
 * @param lowFactor the low frequency factor
 * @param highFactor the high frequency factor
 * @param originalLength the context length of the original training
 */
public record Llama3Scaling(double factor, double lowFactor, double highFactor, int originalLength)
        implements RotaryScaling {
    @Override
    public float[] scale(float[] frequencies, int length) {
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            double wavelength = 2 * Math.PI / scaled[i];
            if (wavelength > originalLength / lowFactor) {
                scaled[i] = (float) (scaled[i] / factor);
            } else if (wavelength >= originalLength / highFactor) {
                double smooth = (originalLength / wavelength - lowFactor) / (highFactor - lowFactor);
                scaled[i] = (float) ((1 - smooth) * scaled[i] / factor + smooth * scaled[i]);
            }
        }
        return scaled;
    }
}
