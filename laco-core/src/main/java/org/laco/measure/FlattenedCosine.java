package org.laco.measure;

import com.google.common.collect.ImmutableList;
import org.laco.base.Internal;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The paper's similarity: the cosine between two models' final hidden states of a sequence, all positions flattened to one vector
 * (arXiv 2402.11187, Algorithm 1).
 *
 * <pre>cos(vec(Z), vec(Z′)) = Σ z z′ / (‖Z‖ ‖Z′‖)</pre>
 *
 * <p>Sums accumulate in double.
 */
@Internal
public final class FlattenedCosine implements Metric {
    @Override
    public String name() {
        return "cosine";
    }

    @Override
    public ImmutableList<Double> perSequence(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        return perSequence(candidate, reference, calibration.layout());
    }

    /**
     * Measures each sequence.
     *
     * @param candidate the final hidden states of one model, {@code [rows, width]}
     * @param reference those of the other, of the same shape
     * @param sequences how the rows divide into sequences
     * @return one cosine a sequence, from −1 to 1; NaN where one of the two has no direction or is not finite
     */
    public ImmutableList<Double> perSequence(INDArray candidate, INDArray reference, SequenceLayout sequences) {
        int width = Math.toIntExact(candidate.size(1));
        HostFloats ones = HostFloats.of(candidate);
        HostFloats others = HostFloats.of(reference);
        float[] one = new float[width];
        float[] other = new float[width];
        ImmutableList.Builder<Double> cosines = ImmutableList.builder();
        for (int i = 0; i < sequences.count(); i++) {
            double product = 0;
            double oneSquared = 0;
            double otherSquared = 0;
            for (int row = sequences.start(i); row < sequences.start(i) + sequences.length(i); row++) {
                ones.get(row * width, one, width);
                others.get(row * width, other, width);
                for (int at = 0; at < width; at++) {
                    double x = one[at];
                    double y = other[at];
                    product += x * y;
                    oneSquared += x * x;
                    otherSquared += y * y;
                }
            }
            cosines.add(product / Math.sqrt(oneSquared * otherSquared));
        }
        return cosines.build();
    }

    /**
     * Measures a batch by the mean over its sequences.
     *
     * @param candidate the final hidden states of one model, {@code [rows, width]}
     * @param reference those of the other, of the same shape
     * @param sequences how the rows divide into sequences
     * @return the mean cosine, and that of each sequence
     */
    public Score score(INDArray candidate, INDArray reference, SequenceLayout sequences) {
        ImmutableList<Double> cosines = perSequence(candidate, reference, sequences);
        return new Score(
                name(),
                cosines.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
                cosines);
    }
}
