package org.laco.fit;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * LinearPatch's matrix, {@code H diag(d) Hᵀ}: hidden states are rotated by a Hadamard matrix H, and each channel is scaled by the ratio d of its
 * mean magnitude after and before the gap, taken in each sequence and averaged over the sequences.
 */
final class ChannelScales implements PatchSums {
    private final INDArray rotation;
    private final INDArray narrow;
    private final double[] ratios;
    private int sequences;

    ChannelScales(int width) {
        this.rotation = Hadamard.orthogonal(width);
        this.narrow = rotation.castTo(DataType.FLOAT);
        this.ratios = new double[width];
    }

    @Override
    public void add(INDArray before, INDArray after, SequenceLayout layout) {
        try (INDArray earlier = magnitudes(before);
                INDArray later = magnitudes(after)) {
            for (int i = 0; i < layout.count(); i++) {
                double[] ofEarlier = sums(earlier, layout, i);
                double[] ofLater = sums(later, layout, i);
                for (int channel = 0; channel < ratios.length; channel++) {
                    ratios[channel] += ofLater[channel] / ofEarlier[channel];
                }
            }
        }
        sequences += layout.count();
    }

    private INDArray magnitudes(INDArray hidden) {
        try (INDArray rotated = hidden.mmul(narrow)) {
            return Nd4j.math().abs(rotated).dup('c');
        }
    }

    private static double[] sums(INDArray magnitudes, SequenceLayout layout, int sequence) {
        int from = layout.start(sequence);
        try (INDArray wide = HostFloats.rows(magnitudes, from, from + layout.length(sequence))
                        .castTo(DataType.DOUBLE);
                INDArray sums = wide.sum(0)) {
            return sums.toDoubleVector();
        }
    }

    /** The factor of each channel. */
    double[] scales() {
        double[] scales = Arrays.stream(ratios).map(ratio -> ratio / sequences).toArray();
        if (IntStream.range(0, scales.length).anyMatch(channel -> !Double.isFinite(scales[channel]))) {
            throw new ArithmeticException(
                    "the hidden states before a gap have a channel that is 0 throughout a sequence, or one that is not finite, so it has "
                            + "no scale");
        }
        return scales;
    }

    /** The multiple of the identity that is nearest to the matrix: the mean of the scales, its trace over the width. */
    double gain() {
        return Arrays.stream(scales()).average().orElseThrow();
    }

    @Override
    public INDArray matrix() {
        try (INDArray scales = Nd4j.createFromArray(scales());
                INDArray scaled = rotation.mulRowVector(scales);
                INDArray product = scaled.mmul(rotation.transpose())) {
            return product.castTo(DataType.FLOAT).dup('c');
        }
    }

    @Override
    public void close() {
        rotation.close();
        narrow.close();
    }
}
