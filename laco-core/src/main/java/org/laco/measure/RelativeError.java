package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How far final hidden states are from the original's, negated so that more is better:
 *
 * <pre>−‖Z′ − Z‖ / ‖Z‖</pre>
 *
 * <p>over all positions of a sequence. Unlike a cosine it sees a change of length.
 */
final class RelativeError implements Metric {
    @Override
    public String name() {
        return "relative-error";
    }

    @Override
    public ImmutableList<Double> perSequence(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        double[] errors = RowSums.ofSquaredDifferences(candidate, reference);
        double[] squares = RowSums.ofProducts(reference, reference);
        SequenceLayout sequences = calibration.layout();
        return IntStream.range(0, sequences.count())
                .mapToObj(i -> {
                    int from = sequences.start(i);
                    int to = from + sequences.length(i);
                    return -Math.sqrt(Arrays.stream(errors, from, to).sum()
                            / Arrays.stream(squares, from, to).sum());
                })
                .collect(ImmutableList.toImmutableList());
    }
}
