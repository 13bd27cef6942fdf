package org.laco.model.block;

import org.laco.kernel.RotaryTable;
import org.laco.tensor.SequenceLayout;

/**
 * Rotary position embedding (Su et al., arXiv 2104.09864): pair i of a head at position p is rotated by the angle {@code p ·
 * θ^(−2i/width)}.
 *
 * @param width the number of elements of a head that are rotated, the first ones
 * @param theta the base θ
 * @param scaling how the frequencies are changed
 * @param interleaved whether elements 2i and 2i + 1 are a pair, else i and i + width/2
 */
public record Rotary(int width, double theta, RotaryScaling scaling, boolean interleaved) {
    /**
     * Returns this embedding with its frequencies scaled.
     *
     * @param change how the frequencies are changed
     * @return the embedding
     */
    public Rotary scaled(RotaryScaling change) {
        return new Rotary(width, theta, change, interleaved);
    }

    /**
     * Returns this embedding with elements 2i and 2i + 1 as a pair.
     *
     * @return the embedding
     */
    public Rotary onInterleavedPairs() {
        return new Rotary(width, theta, scaling, true);
    }

    /**
     * Computes the angles of every row of a batch; positions count from 0 in each text.
     *
     * @param sequences how the rows divide into sequences
     * @return the table
     */
    RotaryTable table(SequenceLayout sequences) {
        int pairs = width / 2;
        float[] cosines = new float[sequences.rows() * pairs];
        float[] sines = new float[cosines.length];
        float factor = (float) scaling.attentionFactor();
        int at = 0;
        for (int i = 0; i < sequences.count(); i++) {
            int first = sequences.position(i);
            int end = first + sequences.length(i);
            float[] frequencies = scaling.scale(frequencies(), end);
            for (int position = first; position < end; position++) {
                for (float frequency : frequencies) {
                    float angle = position * frequency;
                    cosines[at] = (float) Math.cos(angle) * factor;
                    sines[at++] = (float) Math.sin(angle) * factor;
                }
            }
        }
        return new RotaryTable(cosines, sines, pairs, interleaved);
    }

    private float[] frequencies() {
        float[] frequencies = new float[width / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = 1 / (float) Math.pow(theta, (float) (2 * i) / width);
        }
        return frequencies;
    }
}
