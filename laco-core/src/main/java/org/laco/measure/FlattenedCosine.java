package org.laco.measure;

import com.google.common.collect.ImmutableList;
import org.laco.Evaluation;
import org.laco.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The paper's similarity: the cosine between two models' final hidden states of a sequence, all positions flattened to one vector
 * (arXiv 2402.11187, Algorithm 1).
 *
 * <pre>cos(vec(Z), vec(Z′)) = Σ z z′ / (‖Z‖ ‖Z′‖)</pre>
 *
 * <p>Sums accumulate in double.
 */
public final class FlattenedCosine {
    /**
     * Measures each sequence.
     *
     * @param candidate the final hidden states of one model, {@code [rows, width]}
     * @param reference those of the other, of the same shape
     * @param sequences how the rows divide into sequences
     * @return one cosine a sequence, from −1 to 1; NaN where one of the two has no direction or is not finite
     */
    public ImmutableList<Double> perSequence(INDArray candidate, INDArray reference, SequenceLayout sequences) {
        ImmutableList.Builder<Double> cosines = ImmutableList.builder();
        for (int i = 0; i < sequences.count(); i++) {
            int start = sequences.start(i);
            int end = start + sequences.length(i);
            try (INDArray one = rows(candidate, start, end);
                    INDArray other = rows(reference, start, end)) {
                cosines.add(dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other)));
            }
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
    public Evaluation evaluate(INDArray candidate, INDArray reference, SequenceLayout sequences) {
        ImmutableList<Double> cosines = perSequence(candidate, reference, sequences);
        return new Evaluation(
                cosines.stream().mapToDouble(Double::doubleValue).average().orElseThrow(), cosines);
    }

    private static INDArray rows(INDArray matrix, int start, int end) {
        return matrix.get(NDArrayIndex.interval(start, end), NDArrayIndex.all()).castTo(DataType.DOUBLE);
    }

    private static double dot(INDArray one, INDArray other) {
        try (INDArray product = one.mul(other)) {
            return product.sumNumber().doubleValue();
        }
    }
}
