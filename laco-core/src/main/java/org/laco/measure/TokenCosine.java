package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The cosine between the final hidden states at one position, mean over a sequence's positions, so that a few of great length don't
 * outweigh the others.
 */
final class TokenCosine implements Metric {
    @Override
    public String name() {
        return "token-cosine";
    }

    @Override
    public ImmutableList<Double> perSequence(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        double[] cosines = ofRows(candidate, reference);
        SequenceLayout sequences = calibration.layout();
        return IntStream.range(0, sequences.count())
                .mapToObj(i -> IntStream.range(sequences.start(i), sequences.start(i) + sequences.length(i))
                        .mapToDouble(row -> cosines[row])
                        .average()
                        .orElseThrow())
                .collect(ImmutableList.toImmutableList());
    }

    static double[] ofRows(INDArray candidate, INDArray reference) {
        double[] products = RowSums.ofProducts(candidate, reference);
        double[] squares = RowSums.ofProducts(candidate, candidate);
        double[] others = RowSums.ofProducts(reference, reference);
        return IntStream.range(0, products.length)
                .mapToDouble(row -> products[row] / Math.sqrt(squares[row] * others[row]))
                .toArray();
    }
}
